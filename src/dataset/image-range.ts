import type { RecordIndex, RecordReader } from '../recordio/index.js'
import { orderById } from './image-order.js'
import { walkRange } from './indexed-walk.js'
import type { RecordWalk } from './opened-records.js'
import type { RecordTable } from './record-table.js'

/** Some images of a source: those at the positions `[first, end)`, in its order. */
export interface ImageRange {
  first: number
  end: number
}

/** The records of a range of a dataset of ours, where nothing stands between images. */
export function walkTable(
  reader: RecordReader,
  { offsets, count }: RecordTable,
  { first, end }: ImageRange,
  memory: 'fresh' | 'reused',
): RecordWalk {
  const stop = end < count ? offsets[end]! : reader.file.size
  return { batches: reader.batches(offsets[first]!, stop, memory), keyOf: orderById(end - first) }
}

/** The records of a range of the images that an index names. */
export function walkIndex(
  reader: RecordReader,
  { keys, offsets }: RecordIndex,
  { first, end }: ImageRange,
  memory: 'fresh' | 'reused',
): RecordWalk {
  const some = { keys: keys.slice(first, end), offsets: offsets.slice(first, end) }
  let position = 0
  return { batches: walkRange(reader, some, memory), keyOf: () => some.keys[position++] }
}
