import type { InputFile } from '../io/index.js'
import { PART_HEADER_BYTES, PartFlag, readPartHeader } from './framing.js'
import { truncatedRecord } from './record.js'

/** What the front of a record tells without the rest of it. */
export interface RecordStart {
  /** Payload bytes of its first part; those of the record where it is whole. */
  length: number
  /** Whether the record is one part. */
  whole: boolean
  /** The first payload bytes, as many as were asked for and are in that part. */
  payload: Uint8Array
}

/** Reads the front of the record at `offset`, synchronously: for what its header says of millions. @throws InputError */
export function readRecordStart(file: InputFile, offset: number, payloadBytes: number): RecordStart {
  const bytes = new Uint8Array(PART_HEADER_BYTES + payloadBytes)
  const filled = file.readSync(bytes, offset)
  if (filled < PART_HEADER_BYTES) throw truncatedRecord(file.path, offset, PART_HEADER_BYTES, filled)
  const { flag, length } = readPartHeader(bytes, 0, file.path, offset, true)
  if (offset + PART_HEADER_BYTES + length > file.size) {
    throw truncatedRecord(file.path, offset, PART_HEADER_BYTES + length, file.size - offset)
  }
  const end = Math.min(filled, PART_HEADER_BYTES + length)
  return { length, whole: flag === PartFlag.whole, payload: bytes.subarray(PART_HEADER_BYTES, end) }
}
