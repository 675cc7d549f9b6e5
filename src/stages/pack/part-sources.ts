import { imageFormatCode, imageFormats } from '../../dataset/image-format.js'
import type { CachedImage } from '../../dataset/index.js'

/** What the cache `sources.arrow` says of one file, but for its path and the place of its record. */
export interface SourceEntry {
  size: number
  mtime: number
  /** xxHash64 of the file. */
  xxh64: bigint
  image: Omit<CachedImage, 'offset'>
}

/**
 * size u32, length u32, mtime f64, xxh64 u64, stored xxh64 u64, width u16, height u16, format u8, converted u8,
 * present u8, 1 byte unused.
 */
export const SOURCE_ENTRY_BYTES = 40

const entry = Buffer.alloc(SOURCE_ENTRY_BYTES)
const absent = Buffer.alloc(SOURCE_ENTRY_BYTES)

/** Writes one entry; the memory is used again by the next. Undefined for a file that is to be read again next time. */
export function packSourceEntry(source: SourceEntry | undefined): Uint8Array {
  if (source === undefined) return absent
  const { size, mtime, xxh64, image } = source
  entry.writeUInt32LE(size, 0)
  entry.writeUInt32LE(image.length, 4)
  entry.writeDoubleLE(mtime, 8)
  entry.writeBigUInt64LE(xxh64, 16)
  entry.writeBigUInt64LE(image.xxh64, 24)
  entry.writeUInt16LE(Math.min(image.width, 0xffff), 32)
  entry.writeUInt16LE(Math.min(image.height, 0xffff), 34)
  entry.writeUInt8(imageFormatCode(image.format), 36)
  entry.writeUInt8(image.converted ? 1 : 0, 37)
  entry.writeUInt8(1, 38)
  return entry
}

export function unpackSourceEntry(bytes: Buffer, at: number): SourceEntry | undefined {
  if (bytes.readUInt8(at + 38) === 0) return undefined
  return {
    size: bytes.readUInt32LE(at),
    mtime: bytes.readDoubleLE(at + 8),
    xxh64: bytes.readBigUInt64LE(at + 16),
    image: {
      length: bytes.readUInt32LE(at + 4),
      xxh64: bytes.readBigUInt64LE(at + 24),
      width: bytes.readUInt16LE(at + 32),
      height: bytes.readUInt16LE(at + 34),
      format: imageFormats[bytes.readUInt8(at + 36)]!,
      converted: bytes.readUInt8(at + 37) === 1,
    },
  }
}
