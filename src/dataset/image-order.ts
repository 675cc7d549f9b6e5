import { InputError } from '../errors/index.js'
import { imageId, type RecordIndex, type RecordReader, type StoredRecord } from '../recordio/index.js'
import type { Layout } from './dialects/index.js'
import type { RecordTable } from './record-table.js'

/** Tells the key of each record of a file, in file order; undefined for a record that is no image. */
export type ImageOrder = (record: StoredRecord) => number | undefined

/** For our own files: the images come first, and each header holds its key. */
export function orderById(images: number): ImageOrder {
  let passed = 0
  return ({ payload }) => (passed++ < images ? imageId(payload) : undefined)
}

/**
 * For an adopted file: by its manifest, which is in file order. Records that it does not name hold no image, or were
 * left out when the file was adopted. @throws InputError, when called, where no record begins at an offset of it
 */
export function orderByManifest({ keys, offsets }: RecordTable, file: string): ImageOrder {
  let position = 0
  return ({ offset }) => {
    const expected = offsets[position]
    if (expected !== undefined && expected < offset) {
      throw new InputError({
        file,
        record: keys[position]!,
        offset: expected,
        problem: 'no record begins where the manifest says',
        expected: `a record at ${expected}`,
        actual: `the next one at ${offset}`,
        fix: 'The file was damaged or changed: copy the dataset again.',
      })
    }
    return expected === offset ? keys[position++] : undefined
  }
}

/**
 * For any file: by an index that is sorted by offset. Records that it does not name are passed over and told.
 * @throws InputError, when called, where the index names an offset at which no record begins
 */
export function orderByIndex(
  index: RecordIndex,
  layout: Layout,
  file: string,
  unindexed: (offset: number) => void,
): ImageOrder {
  let position = 0
  return ({ offset }) => {
    const expected = index.offsets[position]
    if (expected !== undefined && expected < offset) {
      throw new InputError({
        file,
        record: index.keys[position]!,
        offset: expected,
        problem: 'no record begins where the index says',
        expected: `a record at ${expected}`,
        actual: `the next one at ${offset}`,
        fix: 'The .idx file belongs to another .rec file. Copy it again, or remove it: the .rec file is then read from front to back.',
      })
    }
    if (expected !== offset) {
      unindexed(offset)
      return undefined
    }
    const key = index.keys[position++]!
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
      fix: 'One of the two files was cut short, or they do not belong together.',
    })
  }
  const repeated = firstRepeated(sorted.keys)
  if (repeated !== undefined) throw twice(file, 'key', repeated)
  return sorted
}

/** An index for a file that has none, read from front to back: keys are the ids of headers, else positions. */
export async function buildIndex(reader: RecordReader): Promise<RecordIndex> {
  const keys: number[] = []
  const offsets: number[] = []
  for await (const { offset, payload } of reader.records()) {
    keys.push(imageId(payload))
    offsets.push(offset)
  }
  const ids = Float64Array.from(keys)
  const unique = firstRepeated(ids) === undefined && !ids.includes(-1)
  return {
    keys: unique ? ids : Float64Array.from(ids.keys()),
    offsets: Float64Array.from(offsets),
  }
}

/** A value that stands twice. Sorting a copy takes less memory than a set, which also holds 2^24 values at most. */
function firstRepeated(values: Float64Array): number | undefined {
  if (isAscending(values)) return undefined
  const sorted = values.slice().sort()
  return sorted.find((value, i) => value === sorted[i - 1])
}

function isAscending(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i]! <= values[i - 1]!) return false
  return true
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
