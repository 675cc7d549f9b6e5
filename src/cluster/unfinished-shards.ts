import pLimit from 'p-limit'
import { FacedataError } from '../errors/index.js'
import type { ShardResult } from '../stages/stage.js'
import { shellWord } from '../terminal/index.js'
import { type ClusterPlan, finishedFolder } from './plan-file.js'
import { readFailure, type ShardFailure } from './shard-failure.js'
import { readMarker } from './shard-marker.js'

/** Markers whose files are read and hashed at a time. */
const AT_A_TIME = 4

/** Shards named in one message. */
const SHOWN = 10

/** A shard without a marker that holds. */
export interface UnfinishedShard {
  shard: number
  /** Missing where it was never worked on, or whoever did was killed. */
  failure?: ShardFailure
}

/** What all shards of a plan wrote, every file checked by its hash, or those that are not done. */
export async function checkShards(
  plan: ClusterPlan,
): Promise<{ results: ShardResult[]; unfinished: UnfinishedShard[] }> {
  const folder = finishedFolder(plan)
  const limit = pLimit(AT_A_TIME)
  const found = await Promise.all(
    plan.shards.map((_, shard) => limit(() => readMarker(folder, shard, plan.id))),
  )
  const unfinished: UnfinishedShard[] = []
  for (const [shard, result] of found.entries()) {
    if (result !== undefined) continue
    const failure = await readFailure(folder, shard)
    unfinished.push({ shard, ...(failure && { failure }) })
  }
  return { results: found.filter((result) => result !== undefined), unfinished }
}

/** @param logOf where the log of a job lies, for those that know */
export function unfinishedError(
  plan: ClusterPlan,
  unfinished: UnfinishedShard[],
  logOf: (shard: number, job?: string) => string | undefined = (_, job) => job,
): FacedataError {
  const lines = unfinished.slice(0, SHOWN).map(({ shard, failure }) => {
    const reason = failure?.message ?? 'no error was noted: it was not worked on, or was killed'
    const log = logOf(shard, failure?.job)
    return `  shard ${shard}: ${reason}${log === undefined ? '' : ` (log: ${log})`}`
  })
  const more = unfinished.length - SHOWN
  const rest = more > 0 ? [`  and ${more.toLocaleString('en-US')} more`] : []
  const list = rangesOf(unfinished.map(({ shard }) => shard))
  const message = [
    `${unfinished.length} of ${plan.shards.length} shards are not done, so that nothing is joined and published:`,
    ...lines,
    ...rest,
    `Work on them, and finish again: facedata work ${shellWord(plan.path)} --shard ${list}`,
  ]
  return new FacedataError(message.join('\n'))
}

/** `0-3,7` */
export function rangesOf(numbers: number[]): string {
  const ranges: string[] = []
  for (let i = 0; i < numbers.length; ) {
    let end = i
    while (numbers[end + 1] === numbers[end]! + 1) end++
    ranges.push(end === i ? `${numbers[i]}` : `${numbers[i]}-${numbers[end]}`)
    i = end + 1
  }
  return ranges.join(',')
}
