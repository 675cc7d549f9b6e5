import { InputError } from '../errors/index.js'

/**
 * RecordIO framing. Source: dmlc-core `recordio.h`. A record is one or more parts. A part is the magic word (u32le),
 * `cflag << 29 | length` (u32le), `length` payload bytes and zeros up to a multiple of 4. The writer cuts a payload
 * wherever the magic word stands in it at a multiple of 4 bytes and leaves that word out; the reader puts it back.
 */
export const MAGIC = 0xced7230a

/** The magic word as it stands in a file. */
export const MAGIC_BYTES = Uint8Array.of(0x0a, 0x23, 0xd7, 0xce)

/** Magic word and length word. */
export const PART_HEADER_BYTES = 8

/** A payload is shorter than this: 29 bits hold its length. */
export const PAYLOAD_LIMIT = 2 ** 29

/** Place of a part in its record. */
export const PartFlag = { whole: 0, first: 1, middle: 2, last: 3 } as const

/** The payload length with its padding. */
export function paddedLength(length: number): number {
  return (length + 3) & ~3
}

/** Bytes of `length` payload bytes in a file, where the payload holds no magic word. */
export function recordBytes(length: number): number {
  return PART_HEADER_BYTES + paddedLength(length)
}

export interface Part {
  flag: number
  /** Payload bytes, without padding. */
  length: number
}

/**
 * Reads the part header at `at` of `bytes`.
 * @param file name for errors
 * @param offset place in the file of `bytes[at]`
 * @param first whether a record begins here
 * @throws InputError for a wrong magic word, or a part flag that cannot stand here
 */
export function readPartHeader(
  bytes: Uint8Array,
  at: number,
  file: string,
  offset: number,
  first: boolean,
): Part {
  const magic = readUint32(bytes, at)
  if (magic !== MAGIC) {
    throw new InputError({
      file,
      offset,
      problem: 'no record begins here: bad magic word',
      expected: hex(MAGIC),
      actual: hex(magic),
      fix: 'The .rec file is damaged, or its .idx file belongs to another one.',
    })
  }
  const word = readUint32(bytes, at + 4)
  const flag = word >>> 29
  const allowed = first
    ? flag === PartFlag.whole || flag === PartFlag.first
    : flag === PartFlag.middle || flag === PartFlag.last
  if (!allowed) {
    throw new InputError({
      file,
      offset,
      problem: first ? 'a record begins with a wrong part flag' : 'a record goes on with a wrong part flag',
      expected: first ? '0 (whole) or 1 (first)' : '2 (middle) or 3 (last)',
      actual: flag,
      fix: 'The .rec file is damaged, or its .idx file belongs to another one.',
    })
  }
  return { flag, length: word & (PAYLOAD_LIMIT - 1) }
}

/** Writes a part header at `at` of `target`. */
export function writePartHeader(target: Uint8Array, at: number, flag: number, length: number): void {
  target.set(MAGIC_BYTES, at)
  const word = ((flag << 29) | length) >>> 0
  target[at + 4] = word & 0xff
  target[at + 5] = (word >>> 8) & 0xff
  target[at + 6] = (word >>> 16) & 0xff
  target[at + 7] = word >>> 24
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, '0')}`
}
