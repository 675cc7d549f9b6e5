import type { Dataset, ImageRange } from '../dataset/index.js'
import { WorkerPool } from '../workers/index.js'
import { emptyMeasures, type ImageMeasures, setMeasures } from './image-measures.js'
import { measureImages } from './measure-worker.js'

/** A task takes some tens of milliseconds, so that neither its start nor its end weighs. */
const IMAGES_A_TASK = 256

const workerUrl = new URL('../../dist/curation/measure-worker.js', import.meta.url)

/** The images of a dataset, in file order, with what was measured of them. */
export interface MeasuredImages extends ImageMeasures {
  count: number
  labels: Int32Array
  /** Why an image cannot be decoded, by position. */
  undecodable: ReadonlyMap<number, string>
}

export interface MeasureOptions {
  /** Threads that decode. */
  jobs: number
  signal: AbortSignal
  /** @param undecodable how many of them cannot be decoded */
  onImages(count: number, undecodable: number): void
  /** Positions; all images by default. */
  range?: ImageRange
}

/** Decodes and measures images, in worker threads that read them themselves; of one job in this thread. @throws InputError */
export async function measureDataset(
  dataset: Dataset,
  { jobs, signal, onImages, range }: MeasureOptions,
): Promise<MeasuredImages> {
  const { labels, offsets, lengths, ...table } = await dataset.table()
  const { first: from, end: to } = range ?? { first: 0, end: table.count }
  const count = to - from
  const all = emptyMeasures(count)
  const undecodable = new Map<number, string>()
  const pool =
    jobs === 1
      ? undefined
      : new WorkerPool<typeof import('./measure-worker.js')>(workerUrl, { threads: jobs })
  let next = 0
  /** Takes one task after another until no image is left: as many lanes as threads. */
  const lane = async () => {
    while (next < count) {
      const first = next
      next = Math.min(count, first + IMAGES_A_TASK)
      const end = next
      const task = {
        path: dataset.files.records,
        offsets: offsets.slice(from + first, from + end),
        lengths: lengths.slice(from + first, from + end),
      }
      const { measures, failures } = await (pool?.run('measureImages', task, { signal }) ??
        measureImages(task))
      signal.throwIfAborted()
      setMeasures(all, measures, first)
      for (const { position, reason } of failures) undecodable.set(first + position, reason)
      onImages(end - first, failures.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: jobs }, lane))
  } finally {
    await pool?.close()
  }
  return { ...all, count, labels: labels.subarray(from, to), undecodable }
}
