import { deflateRawSync } from 'node:zlib'
import { crc32ByTable } from '../../src/hash/crc32.js'

/** A file of a zip under test. What is not given is what a truthful tool writes. */
export interface ZipFile {
  name: string | Buffer
  content?: Uint8Array
  deflate?: boolean
  /** In the directory and the local header. */
  method?: number
  flags?: number
  /** Upper byte: the system; 3 is Unix. */
  madeBy?: number
  /** Upper half: the Unix mode. */
  attributes?: number
  /** Sizes and checksum stand behind the data, and are 0 in the local header. */
  descriptor?: boolean
  /** Sizes and offset in 64 bits. */
  zip64?: boolean
  /** Only in the local header, before the data. */
  localExtra?: Buffer
  /** Only in the directory. */
  extra?: Buffer
  /** In the directory alone: lies. */
  claims?: { bytes?: number; storedBytes?: number; crc32?: number; offset?: number; method?: number }
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

export function long(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

export function quad(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

interface ZipOptions {
  comment?: string
  /** 64-bit counts and offsets at the end. */
  zip64?: boolean
  /** The number of entries that it claims. */
  entries?: number
  /** Where in the file these bytes will stand. */
  base?: number
}

/** The bytes of a zip, written by hand from APPNOTE 6.3.10. */
export function makeZip(
  files: ZipFile[],
  { comment = '', zip64 = false, entries, base = 0 }: ZipOptions = {},
): Buffer {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let offset = base
  const push = (piece: Uint8Array) => {
    pieces.push(Buffer.from(piece))
    offset += piece.length
  }
  for (const file of files) {
    const content = Buffer.from(file.content ?? Buffer.from('content'))
    const stored = file.deflate ? deflateRawSync(content) : content
    const method = file.method ?? (file.deflate ? 8 : 0)
    const name = Buffer.from(file.name as string)
    const utf8 = typeof file.name === 'string' && /[^\x20-\x7e]/.test(file.name) ? 0x800 : 0
    const flags = file.flags ?? utf8 | (file.descriptor ? 8 : 0)
    const start = offset
    const sum = crc32ByTable(content)
    const sizes = file.descriptor
      ? [long(0), long(0), long(0)]
      : [long(sum), long(stored.length), long(content.length)]
    const localExtra = file.localExtra ?? Buffer.alloc(0)
    const head = [word(20), word(flags), word(method), word(0), word(0x21)]
    const lengths = [word(name.length), word(localExtra.length)]
    push(Buffer.concat([long(0x04034b50), ...head, ...sizes, ...lengths, name, localExtra]))
    push(stored)
    if (file.descriptor) {
      push(Buffer.concat([long(0x08074b50), long(sum), long(stored.length), long(content.length)]))
    }
    const claims = {
      bytes: content.length,
      storedBytes: stored.length,
      crc32: sum,
      offset: start,
      method,
      ...file.claims,
    }
    const big = [quad(claims.bytes), quad(claims.storedBytes), quad(claims.offset)]
    const extra = Buffer.concat([
      file.zip64 ? Buffer.concat([word(1), word(24), ...big]) : Buffer.alloc(0),
      file.extra ?? Buffer.alloc(0),
    ])
    const small = (value: number) => long(file.zip64 ? 0xffffffff : value)
    directory.push(
      Buffer.concat([
        long(0x02014b50),
        word(file.madeBy ?? 0x031e),
        word(20),
        word(flags),
        word(claims.method),
        word(0),
        word(0x21),
        long(claims.crc32),
        small(claims.storedBytes),
        small(claims.bytes),
        word(name.length),
        word(extra.length),
        word(0),
        word(0),
        word(0),
        long(file.attributes ?? 0),
        small(claims.offset),
        name,
        extra,
      ]),
    )
  }
  const directoryStart = offset
  for (const entry of directory) push(entry)
  const directoryBytes = offset - directoryStart
  const count = entries ?? files.length
  if (zip64) {
    const end = offset
    const sizes = [quad(count), quad(count), quad(directoryBytes), quad(directoryStart)]
    push(Buffer.concat([long(0x06064b50), quad(44), word(45), word(45), long(0), long(0), ...sizes]))
    push(Buffer.concat([long(0x07064b50), long(0), quad(end), long(1)]))
  }
  const counts = zip64 ? [word(0xffff), word(0xffff)] : [word(count & 0xffff), word(count & 0xffff)]
  const place = zip64 ? [long(0xffffffff), long(0xffffffff)] : [long(directoryBytes), long(directoryStart)]
  const text = Buffer.from(comment)
  push(Buffer.concat([long(0x06054b50), word(0), word(0), ...counts, ...place, word(text.length), text]))
  return Buffer.concat(pieces)
}
