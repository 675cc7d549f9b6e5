import { InputError } from '../../errors/index.js'
import { type RecordIndex, type RecordReader, unpackImage } from '../../recordio/index.js'
import { LARGEST_EXACT_FLOAT32 } from '../label.js'
import type { DialectName } from './dialect.js'

/** Which records of a file hold images. */
export interface Layout {
  dialect: DialectName
  /** Images have keys in [firstKey, endKey). */
  firstKey: number
  endKey: number
  /** Records that stand for identities; 0 where the dialect has none. */
  identityRecords: number
}

/**
 * Tells the dialect by the record with key 0: it is a header if and only if its image part is empty. Upstream takes any
 * record 0 with several labels for a header, and so misreads packed labels.
 * @param index sorted by key
 * @throws InputError for a header that does not fit the index
 */
export async function detectLayout(reader: RecordReader, index: RecordIndex): Promise<Layout> {
  const images = { firstKey: 0, endKey: Number.POSITIVE_INFINITY, identityRecords: 0 }
  if (index.keys[0] !== 0) return { dialect: 'im2rec', ...images }
  const { header, image } = await readImage(reader, index.offsets[0]!)
  if (header.flag === 0) return { dialect: 'im2rec', ...images }
  if (image.length > 0) return { dialect: 'packed-labels', ...images }
  const first = header.labels[0] ?? Number.NaN
  const endKey = first > LARGEST_EXACT_FLOAT32 ? await findFirstWithoutImage(reader, index) : first
  const imageRecords = countBelow(index.keys, endKey) - 1
  if (!Number.isInteger(endKey) || endKey < 1 || imageRecords !== endKey - 1) {
    throw new InputError({
      file: reader.file.path,
      record: 0,
      offset: index.offsets[0]!,
      problem: 'the header record does not fit the index',
      expected: `images with keys from 1 to ${endKey - 1}`,
      actual: `${Math.max(0, imageRecords)} of them in the index`,
      fix: 'The .idx file belongs to another .rec file, or one of them is damaged.',
    })
  }
  return {
    dialect: 'insightface',
    firstKey: 1,
    endKey,
    identityRecords: index.keys.length - 1 - imageRecords,
  }
}

/** Header records above 2^24 are rounded (Glint360K, WebFace42M): the first identity record is looked for. */
async function findFirstWithoutImage(reader: RecordReader, index: RecordIndex): Promise<number> {
  let low = 1
  let high = index.keys.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const { image } = await readImage(reader, index.offsets[middle]!)
    if (image.length === 0) high = middle
    else low = middle + 1
  }
  return index.keys[low] ?? index.keys.at(-1)! + 1
}

async function readImage(reader: RecordReader, offset: number) {
  const { payload } = await reader.readAt(offset)
  return unpackImage(payload, { file: reader.file.path, offset })
}

/** How many sorted keys are below `limit`. */
function countBelow(keys: Float64Array, limit: number): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (keys[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
