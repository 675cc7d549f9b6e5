import { type Entry, fromRandomAccessReaderPromise } from 'yauzl'
import { describeFault, InputError } from '../errors/index.js'
import type { ArchiveFile } from './archive-file.js'
import { entryPath } from './entry-path.js'
import { EntryTable } from './entry-table.js'
import { type ArchiveLimits, sizeProblem } from './limits.js'
import { ZipDirectoryReader } from './zip-directory-reader.js'
import { LOCAL_HEADER_BYTES } from './zip-entry.js'
import { isFromUnix, zipName } from './zip-name.js'

const DIRECTORY_ENTRY = 0x02014b50

/** File types in a Unix mode. */
const FileType = { mask: 0xf000, none: 0, folder: 0x4000, file: 0x8000, link: 0xa000 } as const

/** Names of methods that people meet. Source: APPNOTE 6.3.10, 4.4.5. */
const METHODS: Record<number, string> = {
  1: 'Shrunk',
  6: 'Imploded',
  9: 'Deflate64',
  12: 'BZIP2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  98: 'PPMd',
  99: 'AES encryption',
}

/**
 * The files of a zip archive, from its central directory. `special` counts devices and the like.
 * @throws InputError for a directory that cannot be read: truncated, damaged, split over several files
 */
export async function readZipDirectory(
  archive: ArchiveFile,
  limits: ArchiveLimits,
): Promise<{ entries: EntryTable; special: number }> {
  const entries = new EntryTable()
  let special = 0
  let found = 0
  const reader = new ZipDirectoryReader(archive)
  for await (const entry of directoryEntries(reader)) {
    found++
    const name = zipName(entry)
    const type = name.endsWith('/') ? 'folder' : typeOf(entry)
    if (type === 'special') special++
    else if (type !== 'folder') addFile(entries, entry, name, type, reader.archiveBytes, limits)
  }
  refuseMoreEntries(reader, found)
  refuseOverlaps(entries)
  return { entries, special }
}

async function* directoryEntries(reader: ZipDirectoryReader): AsyncGenerator<Entry> {
  try {
    const options = { decodeStrings: false, validateEntrySizes: false }
    const zip = await fromRandomAccessReaderPromise(reader, reader.archiveBytes, options)
    for await (const entry of zip.eachEntry()) yield entry
  } catch (error) {
    throw directoryError(error, reader.archive.path)
  }
}

function typeOf(entry: Entry): 'file' | 'folder' | 'link' | 'special' {
  if (!isFromUnix(entry)) return 'file'
  switch ((entry.externalFileAttributes >>> 16) & FileType.mask) {
    case FileType.none:
    case FileType.file:
      return 'file'
    case FileType.folder:
      return 'folder'
    case FileType.link:
      return 'link'
    default:
      return 'special'
  }
}

function addFile(
  entries: EntryTable,
  entry: Entry,
  name: string,
  type: 'file' | 'link',
  archiveBytes: number,
  limits: ArchiveLimits,
): void {
  const location = {
    offset: entry.relativeOffsetOfLocalHeader,
    storedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    method: entry.compressionMethod,
    crc32: entry.crc32,
  }
  const end = location.offset + LOCAL_HEADER_BYTES + location.storedBytes
  const problem =
    (type === 'link' ? 'it is a symbolic link, which is not followed in an archive' : undefined) ??
    contentProblem(entry) ??
    sizeProblem(location, limits) ??
    (end > archiveBytes ? 'it ends after the archive' : undefined)
  entries.add(entryPath(name), location, problem)
}

function contentProblem(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'it is encrypted'
  const { compressionMethod: method } = entry
  if (method === 0 || method === 8) return undefined
  return describeFault({
    problem: 'it is compressed by a method that is not read',
    expected: '0 (stored) or 8 (deflated)',
    actual: METHODS[method] === undefined ? method : `${method} (${METHODS[method]})`,
  })
}

/** Tools that count in 16 bits, macOS's among them, begin again at 65,536 entries: the rest would be lost. */
function refuseMoreEntries(reader: ZipDirectoryReader, found: number): void {
  if (reader.wordAfterLastRead() !== DIRECTORY_ENTRY) return
  throw new InputError({
    file: reader.archive.path,
    problem: 'the archive has more files than it says it has',
    actual: `${found}, and more after them`,
    fix: 'Unpack it and pack the folder, or make the archive again with `zip -r`.',
  })
}

/** Entries that share bytes are how a small archive unpacks to a huge one. The first of them stays. */
function refuseOverlaps(entries: EntryTable): void {
  let end = 0
  for (const row of entries.byOffset()) {
    const { offset, storedBytes } = entries.location(row)
    if (offset < end) entries.setProblem(row, 'its bytes are those of another entry too')
    end = Math.max(end, offset + LOCAL_HEADER_BYTES + storedBytes)
  }
}

function directoryError(error: unknown, path: string): InputError {
  if (error instanceof InputError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new InputError(
    {
      file: path,
      problem: 'the zip archive cannot be read',
      actual: `"${message.replace(/\.$/, '')}"`,
      fix: 'It may be truncated: compare its size with the original, and test it with `unzip -t`.',
    },
    { cause: error },
  )
}
