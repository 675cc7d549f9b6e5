import { InputError } from '../errors/index.js'
import {
  MAGIC_BYTES,
  PART_HEADER_BYTES,
  PAYLOAD_LIMIT,
  PartFlag,
  paddedLength,
  readPartHeader,
} from './framing.js'

/** One record of a file. */
export interface StoredRecord {
  /** Where its first part begins in the file. */
  offset: number
  /** Where the next record begins. */
  end: number
  payload: Uint8Array
}

/**
 * Reads the record that begins at `at` of `bytes`, or says how many bytes from `at` on are needed to go on.
 * The payload is a view of `bytes` where the record is one part, else a new array.
 * @param file name for errors
 * @param base place in the file of `bytes[0]`
 * @throws InputError for a wrong magic word or part flag, or a payload above the format's limit
 */
export function parseRecord(
  bytes: Uint8Array,
  at: number,
  file: string,
  base: number,
): StoredRecord | number {
  const offset = base + at
  let length = 0
  let next = at
  let flag: number = PartFlag.whole
  do {
    if (bytes.length - next < PART_HEADER_BYTES) return next - at + PART_HEADER_BYTES
    const part = readPartHeader(bytes, next, file, base + next, next === at)
    const end = next + PART_HEADER_BYTES + paddedLength(part.length)
    flag = part.flag
    if (length + part.length >= PAYLOAD_LIMIT) throw tooLong(file, offset, length + part.length)
    if (end > bytes.length) return end - at
    if (flag === PartFlag.whole) {
      const start = next + PART_HEADER_BYTES
      return { offset, end: base + end, payload: bytes.subarray(start, start + part.length) }
    }
    length += part.length + (flag === PartFlag.last ? 0 : MAGIC_BYTES.length)
    next = end
  } while (flag !== PartFlag.last)
  return { offset, end: base + next, payload: joinParts(bytes, at, length) }
}

/** Puts the magic words back between the parts of a record whose headers have been checked. */
function joinParts(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const payload = new Uint8Array(length)
  let next = at
  let filled = 0
  for (;;) {
    const part = readPartHeader(bytes, next, '', next, next === at)
    const start = next + PART_HEADER_BYTES
    payload.set(bytes.subarray(start, start + part.length), filled)
    filled += part.length
    if (part.flag === PartFlag.last) return payload
    payload.set(MAGIC_BYTES, filled)
    filled += MAGIC_BYTES.length
    next = start + paddedLength(part.length)
  }
}

function tooLong(file: string, offset: number, length: number): InputError {
  return new InputError({
    file,
    offset,
    problem: 'the parts of a record are longer together than RecordIO allows',
    expected: `fewer than ${PAYLOAD_LIMIT} bytes`,
    actual: `${length} or more`,
    fix: 'The .rec file is damaged.',
  })
}

/** The error for a record that goes on after the end of its file. */
export function truncatedRecord(file: string, offset: number, needed: number, available: number): InputError {
  return new InputError({
    file,
    offset,
    problem: 'the file ends inside a record',
    expected: `${needed} bytes or more`,
    actual: available,
    fix: 'The file was cut short: copy or download it again.',
  })
}
