import { stat } from 'node:fs/promises'
import { type ClusterPlan, finishedFolder } from '../plan-file.js'
import { doneShards } from './submit.js'

/** A folder whose time is old to see is listed all the same: network file systems keep times for up to a minute. */
const LIST_ANYWAY_MS = 60_000

/** Listing thousands of markers on a network disk takes others' time too: at most this share of it. */
const LISTING_SHARE = 1 / 20

/**
 * How many shards of a plan are done, to be asked often: the folder of markers is listed only when its time says that
 * something came, and the longer a listing takes, the more seldom.
 */
export class DoneCount {
  readonly #plan: ClusterPlan
  #count = 0
  #modified: number | undefined
  #listed = Number.NEGATIVE_INFINITY
  #took = 0

  constructor(plan: ClusterPlan) {
    this.#plan = plan
  }

  async look(): Promise<number> {
    const since = performance.now() - this.#listed
    if (since < this.#took / LISTING_SHARE) return this.#count
    const modified = await stat(finishedFolder(this.#plan)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    )
    if (modified === this.#modified && since < LIST_ANYWAY_MS) return this.#count
    const begun = performance.now()
    // They go when all is published, and stay done.
    this.#count = Math.max(this.#count, (await doneShards(this.#plan)).size)
    this.#listed = performance.now()
    this.#took = this.#listed - begun
    this.#modified = modified
    return this.#count
  }
}
