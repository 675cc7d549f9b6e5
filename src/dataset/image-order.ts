import { InputError } from '../errors/index.js'
import { imageId, type RecordIndex, type RecordReader, type StoredRecord } from '../recordio/index.js'
import type { Layout } from './dialects/index.js'
import { firstRepeated, isAscending } from './distinct-keys.js'
import { RecordKeys } from './record-keys.js'

/** Tells the key of each record of a file, in file order; undefined for a record that is no image. */
export type ImageOrder = (record: StoredRecord) => number | undefined

/** For our own files: the images come first, and each header holds its key. */
export function orderById(images: number): ImageOrder {
  let passed = 0
  return ({ payload }) => (passed++ < images ? imageId(payload) : undefined)
}

/** For any file whose records come in the order of an index: by that index. */
export function orderByIndex({ keys }: RecordIndex, layout: Layout): ImageOrder {
  let position = 0
  return () => {
    const key = keys[position++]!
    return key >= layout.firstKey && key < layout.endKey ? key : undefined
  }
}

/**
 * The index in the order of offsets. @throws InputError where two lines have the same key or offset, or an offset lies
 * outside the file
 */
export function sortIndex(index: RecordIndex, file: string, recordsSize: number): RecordIndex {
  const sorted = isAscending(index.offsets) ? index : byOffset(index)
  const { offsets } = sorted
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i] === offsets[i - 1]) throw twice(file, 'offset', offsets[i]!)
  }
  const last = offsets.at(-1)
  if (last !== undefined && last >= recordsSize) {
    throw new InputError({
      file,
      record: sorted.keys.at(-1)!,
      problem: 'the index names an offset beyond the end of the .rec file',
      expected: `less than ${recordsSize}`,
      actual: last,
      fix: 'One of the two files was cut short, or they do not belong together: copy both again, or let `facedata reindex` make an index of what can be read.',
    })
  }
  const repeated = firstRepeated(sorted.keys)
  if (repeated !== undefined) throw twice(file, 'key', repeated)
  return sorted
}

/** An index for a file that has none, read from front to back: see `RecordKeys`. @throws InputError */
export async function buildIndex(reader: RecordReader): Promise<RecordIndex> {
  const keys = new RecordKeys()
  try {
    for await (const records of reader.batches(0, reader.file.size, 'reused')) {
      for (const record of records) keys.add(record)
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const fix = '`facedata reindex` makes an index of what can be read of it.'
    throw new InputError({ ...error.fault, fix }, { cause: error })
  }
  return keys.index()
}

function byOffset({ keys, offsets }: RecordIndex): RecordIndex {
  const order = Uint32Array.from(offsets.keys()).sort((a, b) => offsets[a]! - offsets[b]!)
  return {
    keys: Float64Array.from(order, (i) => keys[i]!),
    offsets: Float64Array.from(order, (i) => offsets[i]!),
  }
}

function twice(file: string, what: string, value: number): InputError {
  return new InputError({
    file,
    problem: `the index names ${what} ${value} twice`,
    fix: 'Copy the index again, or remove it: the .rec file is then read from front to back.',
  })
}
