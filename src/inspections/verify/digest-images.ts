import { type RecordIndex, readIndex } from '../../recordio/index.js'
import { WorkerPool } from '../../workers/index.js'
import { digestImages } from './decode-worker.js'
import { emptyDigests, type ImageDigests, setDigests } from './image-digests.js'

/** A task takes some tens of milliseconds, so that neither its start nor its end weighs. */
const RECORDS_A_TASK = 256

/** Between two offsets stand a frame and at most this much padding. */
const FRAME_BYTES = 8

const workerUrl = new URL('../../../dist/inspections/verify/decode-worker.js', import.meta.url)

/** Some records of a `.rec` file, by the order of their offsets in its index. */
export interface DigestRange {
  records: string
  index: string
  first: number
  end: number
  decode: boolean
}

/** Where the records of an index begin, ascending; what it says of them may be wrong. @throws InputError */
export async function recordOffsets(index: string): Promise<Float64Array> {
  // A line that cannot be read is a fault that the comparison tells.
  const { offsets }: RecordIndex = await readIndex(index, () => {})
  return offsets.slice().sort()
}

/** Looks at the bytes of some images, in worker threads that read them themselves; of one job in this thread. @throws InputError */
export async function digestRange(
  { records, index, first, end, decode }: DigestRange,
  { jobs, signal, onRecords }: { jobs: number; signal: AbortSignal; onRecords(count: number): void },
): Promise<ImageDigests> {
  const offsets = await recordOffsets(index)
  const all = emptyDigests(offsets.slice(first, end), decode)
  const pool =
    jobs === 1 ? undefined : new WorkerPool<typeof import('./decode-worker.js')>(workerUrl, { threads: jobs })
  let next = first
  const lane = async () => {
    while (next < end) {
      const start = next
      next = Math.min(end, start + RECORDS_A_TASK)
      const places = offsets.slice(start, next)
      const lengths = Uint32Array.from(places, (offset, i) => {
        return Math.max(0, (offsets[start + i + 1] ?? offset) - offset - FRAME_BYTES)
      })
      const task = { path: records, offsets: places, lengths, decode }
      const some = await (pool?.run('digestImages', task, { signal }) ?? digestImages(task))
      setDigests(all, some, start - first)
      signal.throwIfAborted()
      onRecords(places.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: jobs }, lane))
  } finally {
    await pool?.close()
  }
  all.failures?.sort((a, b) => a.position - b.position)
  return all
}
