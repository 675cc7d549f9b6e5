import { WorkerPool } from '../workers/index.js'
import { type Best, BLOCK_ROWS, mergeBest, noBest } from './best.js'

/** Vectors of length 1, [count, size], in memory that threads share. */
export interface VectorSet {
  count: number
  size: number
  values: Float32Array
}

const worker = new URL('../../dist/identities/nearest-worker.js', import.meta.url)

type Tasks = typeof import('./nearest-worker.js')

/**
 * Exact nearest neighbours by cosine, by blocked matrix products on all threads. Beside the vectors, each thread holds
 * some megabytes and a best for each vector of a set. The same vectors give the same result whatever the threads.
 */
export class NearestSearch {
  readonly #pool: WorkerPool<Tasks>

  constructor(threads: number) {
    this.#pool = new WorkerPool<Tasks>(worker, { threads })
  }

  /**
   * For each vector of `a` the nearest one of `b`, and for each of `b` that of `a`.
   * @param onPairs called with the number of pairs that were compared since the last call
   */
  async between(
    a: VectorSet,
    b: VectorSet,
    signal?: AbortSignal,
    onPairs?: (pairs: number) => void,
  ): Promise<{ a: Best; b: Best }> {
    const found = { a: noBest(a.count), b: noBest(b.count) }
    await this.#strips(a.count, async (first, end) => {
      const { values, size } = a
      const task = { a: values, b: b.values, size, first, end, self: false }
      const { rows, columns } = await this.#pool.run('searchStrip', task, signal ? { signal } : {})
      mergeBest(found.a, rows, first)
      mergeBest(found.b, columns, 0)
      onPairs?.((end - first) * b.count)
    })
    return found
  }

  /** For each vector the nearest other one of the same set. */
  async within(set: VectorSet, signal?: AbortSignal, onPairs?: (pairs: number) => void): Promise<Best> {
    const found = noBest(set.count)
    await this.#strips(set.count, async (first, end) => {
      const { values, size } = set
      const task = { a: values, b: values, size, first, end, self: true }
      const { rows, columns } = await this.#pool.run('searchStrip', task, signal ? { signal } : {})
      mergeBest(found, rows, first)
      mergeBest(found, columns, 0)
      onPairs?.((end - first) * (set.count - (first + end) / 2))
    })
    return found
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  async #strips(count: number, search: (first: number, end: number) => Promise<void>): Promise<void> {
    const strips = Array.from({ length: Math.ceil(count / BLOCK_ROWS) }, (_, i) => i * BLOCK_ROWS)
    await Promise.all(strips.map((first) => search(first, Math.min(first + BLOCK_ROWS, count))))
  }
}
