import { setImmediate } from 'node:timers/promises'
import { describeFault, type Fault, InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'
import { IMAGE_HEADER_BYTES, type RecordStart, readRecordStart, readRecordSync } from '../recordio/index.js'
import type { Dataset } from './dataset.js'
import type { RecordTable } from './record-table.js'
import { checkIdentity } from './stored-image.js'

/** Records after which the event loop gets a turn. */
const RECORDS_PER_TURN = 4096

/** Records that follow one another in the file, of which not even the label can be read. */
export interface LostRecords {
  records: number
  /** Key of the last one; the fault is that of the first. */
  lastKey: number
  /** Where the next record begins that can be read, or the file ends. */
  end: number
  fault: Fault
}

export interface ScannedRecords {
  table: RecordTable
  /** In file order. They are not in the table. */
  lost: LostRecords[]
}

/**
 * The images of a dataset of another tool by columns: its index tells where the records are, and of each only the
 * header is read. One that is damaged is told of, and does not keep the others from being read.
 * @throws InputError where the file cannot be read at all; the reason of `signal`
 */
export async function scanRecords(dataset: Dataset, signal?: AbortSignal): Promise<ScannedRecords> {
  const { keys, offsets } = dataset.recordIndex!
  const file = await InputFile.open(dataset.files.records)
  const lost: LostRecords[] = []
  let lastLost = -1
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
        const end = offsets[i + 1] ?? file.size
        const run = lastLost === i - 1 ? lost.at(-1) : undefined
        if (run === undefined) lost.push({ records: 1, lastKey: key, end, fault: faultOf(error, key) })
        else Object.assign(run, { records: run.records + 1, lastKey: key, end })
        lastLost = i
      }
    }
  } finally {
    await file.close()
  }
  return { table: shortened(table), lost }
}

/** The most records first. @param most places that are told */
export function describeLost(lost: readonly LostRecords[], most: number): string[] {
  if (lost.length === 0) return []
  const records = lost.reduce((sum, run) => sum + run.records, 0)
  const head = `${counted(records, 'record')} cannot be read${lost.length === 1 ? '' : `, in ${lost.length.toLocaleString('en-US')} places`}`
  const worst = [...lost].sort((a, b) => b.records - a.records).slice(0, most)
  const more = lost.length - worst.length
  return [
    `${head}${more > 0 ? `; the worst ${most}` : ''} (facedata verify tells of all damage):`,
    ...worst.map(describeRun),
  ]
}

function describeRun({ records, lastKey, end, fault }: LostRecords): string {
  if (records === 1) return describeFault(fault)
  const problem = `${fault.problem}; ${counted(records, 'record')}, up to key ${lastKey}, cannot be read before offset ${end}`
  return describeFault({ ...fault, problem })
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

function faultOf({ fault }: InputError, record: number): Fault {
  return { ...fault, record }
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
  checkIdentity(label, identities, place)
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
