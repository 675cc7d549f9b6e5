import { setImmediate } from 'node:timers/promises'
import { InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'
import { IMAGE_HEADER_BYTES, type RecordStart, readRecordStart, readRecordSync } from '../recordio/index.js'
import type { Dataset } from './dataset.js'
import type { RecordTable } from './record-table.js'

/** Records after which the event loop gets a turn. */
const RECORDS_PER_TURN = 4096

/** A record of which not even the label can be read. */
export interface UnreadableRecord {
  key: number
  reason: string
}

export interface ScannedRecords {
  table: RecordTable
  /** They are not in the table. */
  unreadable: UnreadableRecord[]
}

/**
 * The images of a dataset of another tool by columns: its index tells where the records are, and of each only the
 * header is read. One that is damaged is told of, and does not keep the others from being read.
 * @throws InputError where the file cannot be read at all; the reason of `signal`
 */
export async function scanRecords(dataset: Dataset, signal?: AbortSignal): Promise<ScannedRecords> {
  const { keys, offsets } = dataset.recordIndex!
  const file = await InputFile.open(dataset.files.records)
  const unreadable: UnreadableRecord[] = []
  const table: RecordTable = {
    count: 0,
    keys: new Float64Array(keys.length),
    labels: new Int32Array(keys.length),
    offsets: new Float64Array(keys.length),
    lengths: new Uint32Array(keys.length),
  }
  try {
    for (const [i, key] of keys.entries()) {
      if (i % RECORDS_PER_TURN === 0) {
        await setImmediate()
        signal?.throwIfAborted()
      }
      try {
        addRecord(table, file, { key, offset: offsets[i]!, identities: dataset.identityCount })
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        unreadable.push({ key, reason: error.message })
      }
    }
  } finally {
    await file.close()
  }
  return { table: shortened(table), unreadable }
}

interface ScannedRecord {
  key: number
  offset: number
  identities: number
}

/** Adds an image; a record that holds none is a header or the range of an identity. */
function addRecord(table: RecordTable, file: InputFile, { key, offset, identities }: ScannedRecord): void {
  const { length, whole, payload } = frontOf(file, offset)
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const place = { file: file.path, record: key, offset }
  if (payload.length < IMAGE_HEADER_BYTES) {
    throw new InputError({ ...place, problem: 'the record is too short for an image header' })
  }
  const labels = view.getUint32(0, true)
  const before = IMAGE_HEADER_BYTES + 4 * labels
  if (whole && length === before && labels > 0) return
  if (whole && length < before) {
    throw new InputError({ ...place, problem: `the record is too short for its ${labels} labels` })
  }
  const label = view.getFloat32(labels === 0 ? 4 : IMAGE_HEADER_BYTES, true)
  if (!Number.isInteger(label) || label < 0 || label >= identities) {
    throw new InputError({
      ...place,
      problem: 'the label has no identity in this dataset',
      expected: `a whole number below ${identities}`,
      actual: label,
    })
  }
  const i = table.count++
  table.keys[i] = key
  table.labels[i] = label
  table.offsets[i] = offset
  table.lengths[i] = length
}

function frontOf(file: InputFile, offset: number): RecordStart {
  const start = readRecordStart(file, offset, IMAGE_HEADER_BYTES + 4)
  if (start.whole || start.payload.length === IMAGE_HEADER_BYTES + 4) return start
  // Its first part ends within the header, where an id or label has the bytes of the magic word.
  return { ...start, payload: readRecordSync(file.descriptor, file.path, offset, start.length).payload }
}

function shortened({ count, keys, labels, offsets, lengths }: RecordTable): RecordTable {
  return {
    count,
    keys: keys.subarray(0, count),
    labels: labels.subarray(0, count),
    offsets: offsets.subarray(0, count),
    lengths: lengths.subarray(0, count),
  }
}
