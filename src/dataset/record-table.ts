import { InputError } from '../errors/index.js'
import { readManifest } from './manifest.js'
import type { StoredImage } from './stored-image.js'

/** The images of a dataset by columns, in file order. 24 bytes an image. */
export interface RecordTable {
  count: number
  keys: Float64Array
  labels: Int32Array
  /** Where each record begins in the `.rec` file. */
  offsets: Float64Array
  /** Payload bytes of each record. */
  lengths: Uint32Array
}

/**
 * The table as a manifest has it: no image is read. @throws InputError where the manifest has another number of rows, or
 * a label that is none of `identities`
 */
export async function tableFromManifest(
  path: string,
  count: number,
  identities: number,
): Promise<RecordTable> {
  const table = emptyTable(count)
  let filled = 0
  for await (const batch of readManifest(path)) {
    if (filled + batch.rows > count) throw wrongCount(path, count, `${filled + batch.rows} or more`)
    table.keys.set(batch.keys, filled)
    table.labels.set(batch.labels, filled)
    for (let i = 0; i < batch.rows; i++) {
      const label = batch.labels[i]!
      if (label < 0 || label >= identities) throw wrongLabel(path, batch.keys[i]!, label, identities)
      table.offsets[filled + i] = Number(batch.offsets[i]!)
    }
    table.lengths.set(batch.lengths, filled)
    filled += batch.rows
  }
  if (filled !== count) throw wrongCount(path, count, filled)
  return table
}

/** The labels alone, a sixth of the table. @throws as `tableFromManifest` */
export async function labelsFromManifest(
  path: string,
  count: number,
  identities: number,
): Promise<Int32Array> {
  const labels = new Int32Array(count)
  let filled = 0
  for await (const batch of readManifest(path)) {
    if (filled + batch.rows > count) throw wrongCount(path, count, `${filled + batch.rows} or more`)
    const wrong = batch.labels.findIndex((label) => label < 0 || label >= identities)
    if (wrong !== -1) throw wrongLabel(path, batch.keys[wrong]!, batch.labels[wrong]!, identities)
    labels.set(batch.labels, filled)
    filled += batch.rows
  }
  if (filled !== count) throw wrongCount(path, count, filled)
  return labels
}

/** The table of a dataset without a manifest: its `.rec` file is read from front to back. @throws InputError */
export async function tableFromImages(
  batches: AsyncIterable<StoredImage[]>,
  count: number,
): Promise<RecordTable> {
  const table = emptyTable(count)
  let i = 0
  for await (const images of batches) {
    for (const image of images) {
      table.keys[i] = image.key
      table.labels[i] = image.label
      table.offsets[i] = image.offset
      table.lengths[i++] = image.length
    }
  }
  return table
}

function emptyTable(count: number): RecordTable {
  return {
    count,
    keys: new Float64Array(count),
    labels: new Int32Array(count),
    offsets: new Float64Array(count),
    lengths: new Uint32Array(count),
  }
}

function wrongLabel(file: string, record: number, label: number, identities: number): InputError {
  return new InputError({
    file,
    record,
    problem: 'the label has no identity in this dataset',
    expected: `less than ${identities}, by dataset.json`,
    actual: label,
    fix: 'Copy the dataset again.',
  })
}

function wrongCount(path: string, expected: number, actual: number | string): InputError {
  return new InputError({
    file: path,
    problem: 'the manifest has another number of rows than dataset.json says',
    expected,
    actual,
    fix: 'Copy the dataset again.',
  })
}
