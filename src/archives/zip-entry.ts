import { constants, inflateRawSync } from 'node:zlib'
import { InputError } from '../errors/index.js'
import { crc32 } from '../hash/crc32.js'
import type { ArchiveFile } from './archive-file.js'
import type { EntryLocation } from './entry-table.js'

/** Without the name and the extra field that follow it. Source: APPNOTE 6.3.10, 4.3.7. */
export const LOCAL_HEADER_BYTES = 30

const LOCAL_HEADER = 0x04034b50
const DEFLATED = 8

/**
 * The bytes of an entry. Never more memory than the sizes that the directory gave.
 * @throws InputError where the entry is not what the directory says: size, method, checksum
 */
export function readZipEntry(archive: ArchiveFile, location: EntryLocation): Buffer {
  const { storedBytes, bytes, method } = location
  const stored = archive.readExactly(dataOffset(archive, location), storedBytes)
  const content = method === DEFLATED ? inflate(archive, location, stored) : stored
  if (content.length !== bytes) throw wrongSize(archive, location, content.length)
  const sum = crc32(content)
  if (sum !== location.crc32) {
    throw new InputError({
      file: archive.path,
      offset: location.offset,
      problem: 'the CRC-32 of the file differs: it is damaged',
      expected: hex(location.crc32),
      actual: hex(sum),
    })
  }
  return content
}

/** Its first bytes, at most `length`, as far as a few kilobytes of the archive give them. @throws InputError */
export function readZipHead(archive: ArchiveFile, location: EntryLocation, length: number): Buffer {
  const piece = Math.min(location.storedBytes, length + 4096)
  const stored = archive.readExactly(dataOffset(archive, location), piece)
  if (location.method !== DEFLATED) return stored.subarray(0, length)
  try {
    // Without this flush a stream that does not end is an error.
    return inflateRawSync(stored, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, length)
  } catch (error) {
    throw damaged(archive, location, error)
  }
}

/** Local headers repeat the name and have extra fields of their own, so that only they tell where the data begins. */
function dataOffset(archive: ArchiveFile, { offset, method }: EntryLocation): number {
  const header = archive.readExactly(offset, LOCAL_HEADER_BYTES)
  const signature = header.readUInt32LE(0)
  if (signature !== LOCAL_HEADER) {
    throw new InputError({
      file: archive.path,
      offset,
      problem: 'no file begins here, though the directory says so',
      expected: hex(LOCAL_HEADER),
      actual: hex(signature),
    })
  }
  const found = header.readUInt16LE(8)
  if (found !== method) {
    throw new InputError({
      file: archive.path,
      offset,
      problem: 'the file has another compression method than the directory says',
      expected: method,
      actual: found,
    })
  }
  return offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28)
}

function inflate(archive: ArchiveFile, location: EntryLocation, stored: Buffer): Buffer {
  try {
    // In one piece: with smaller ones, joining them takes the memory twice. Zlib wants 64 bytes at least.
    const chunkSize = location.bytes + 64
    return inflateRawSync(stored, { chunkSize, maxOutputLength: Math.max(1, location.bytes) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw wrongSize(archive, location)
    throw damaged(archive, location, error)
  }
}

function wrongSize(archive: ArchiveFile, { offset, bytes }: EntryLocation, actual?: number): InputError {
  return new InputError({
    file: archive.path,
    offset,
    problem: 'the file has another size than the directory says',
    expected: `${bytes} bytes`,
    actual: actual ?? 'more',
  })
}

function damaged(archive: ArchiveFile, { offset }: EntryLocation, error: unknown): InputError {
  return new InputError(
    {
      file: archive.path,
      offset,
      problem: 'the compressed data is damaged',
      actual: `"${error instanceof Error ? error.message : String(error)}"`,
    },
    { cause: error },
  )
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, '0')}`
}
