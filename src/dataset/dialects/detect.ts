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
  /** The number of identity records, where the dialect has such. */
  identities: number | undefined
}

/**
 * Tells the dialect by the record with key 0: it is a header if and only if its image part is empty. Upstream takes any
 * record 0 with several labels for a header, and so misreads packed labels.
 * @param identities by the property file: needed where the header is beyond float32's exact numbers
 * @throws InputError for a header that does not fit the index
 */
export async function detectLayout(
  reader: RecordReader,
  index: RecordIndex,
  identities: number | undefined,
): Promise<Layout> {
  const allRecords = { firstKey: 0, endKey: Number.POSITIVE_INFINITY, identities: undefined }
  const position = index.keys.indexOf(0)
  if (position === -1) return { dialect: 'im2rec', ...allRecords }
  const offset = index.offsets[position]!
  const place = { file: reader.file.path, record: 0, offset }
  const { payload } = await reader.readAt(offset)
  const { header, image } = unpackImage(payload, place)
  if (header.flag === 0) return { dialect: 'im2rec', ...allRecords }
  if (image.length > 0) return { dialect: 'packed-labels', ...allRecords }

  const endKey = firstIdentityKey(header.labels, index, identities)
  const images = count(index.keys, (key) => key >= 1 && key < endKey)
  if (!Number.isSafeInteger(endKey) || images !== endKey - 1) {
    throw new InputError({
      ...place,
      problem: 'the header record does not fit the index',
      expected: `images with keys from 1 to ${endKey - 1}`,
      actual: `${images} such keys`,
      fix: 'The .idx file belongs to another .rec file, or one of them is damaged.',
    })
  }
  return {
    dialect: 'insightface',
    firstKey: 1,
    endKey,
    identities: count(index.keys, (key) => key >= endKey),
  }
}

/**
 * The header holds it, rounded to float32: Glint360K and WebFace42M have more records than that is exact for. There the
 * identity records are the last keys.
 */
function firstIdentityKey(labels: Float32Array, index: RecordIndex, identities: number | undefined): number {
  const stored = labels[0] ?? Number.NaN
  if (!(stored > LARGEST_EXACT_FLOAT32) || identities === undefined) return stored
  return index.keys.reduce((a, b) => Math.max(a, b)) + 1 - identities
}

function count(keys: Float64Array, wanted: (key: number) => boolean): number {
  let found = 0
  for (const key of keys) if (wanted(key)) found++
  return found
}
