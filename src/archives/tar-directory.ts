import { setImmediate } from 'node:timers/promises'
import { InputError } from '../errors/index.js'
import type { ArchiveFile } from './archive-file.js'
import { entryPath } from './entry-path.js'
import { EntryTable } from './entry-table.js'
import { type ArchiveLimits, sizeProblem } from './limits.js'
import { BLOCK_BYTES, readTarMember, type TarMember } from './tar-member.js'

/** Headers after which the event loop gets a turn, for signals. */
const HEADERS_PER_TURN = 512
/** Zeros are read in pieces of this many bytes. */
const ZEROS_BYTES = 2 ** 20
const ZEROS = Buffer.alloc(ZEROS_BYTES)

/**
 * The files of a tar, from one header to the next; what lies between is not read. Archives joined end to end are read
 * to the last. `special` counts devices and the like.
 * @throws InputError for an archive that is truncated or damaged
 */
export async function readTarDirectory(
  archive: ArchiveFile,
  limits: ArchiveLimits,
): Promise<{ entries: EntryTable; special: number }> {
  const entries = new EntryTable()
  const { bytes: archiveBytes } = archive.state()
  let special = 0
  let offset = 0
  let ended = false
  for (let turn = 1; offset < archiveBytes; turn++) {
    if (turn % HEADERS_PER_TURN === 0) await setImmediate()
    const block = archive.readExactly(offset, Math.min(BLOCK_BYTES, archiveBytes - offset))
    if (isZero(block)) {
      offset = await skipZeros(archive, offset + block.length)
      ended = true
      continue
    }
    const member = readTarMember(archive, offset, block)
    if (member.offset + member.bytes > archiveBytes) throw truncated(archive, archiveBytes, member)
    if (member.kind === 'special') special++
    else if (member.kind !== 'folder') addMember(entries, member, limits)
    offset = member.end
    ended = false
  }
  if (!ended) throw truncated(archive, archiveBytes)
  return { entries, special }
}

function addMember(
  entries: EntryTable,
  { kind, name, offset, bytes }: TarMember,
  limits: ArchiveLimits,
): void {
  const location = { offset, storedBytes: bytes, bytes, method: 0, crc32: 0 }
  entries.add(entryPath(name), location, KIND_PROBLEMS[kind] ?? sizeProblem(location, limits))
}

const KIND_PROBLEMS: Partial<Record<TarMember['kind'], string>> = {
  'symbolic link': 'it is a symbolic link, which is not followed in an archive',
  'hard link': 'it is a hard link, which is not followed in an archive',
  sparse: 'it is a sparse file, whose form in a tar is not read',
}

/**
 * Where the zeros end that begin at `start`, a multiple of the block size. Zero blocks end an archive; the first block
 * that is not zero begins another one, joined to it.
 */
async function skipZeros(archive: ArchiveFile, start: number): Promise<number> {
  const window = Buffer.allocUnsafe(ZEROS_BYTES)
  for (let at = start; ; ) {
    const count = archive.read(window, at)
    if (count === 0) return at
    const bytes = window.subarray(0, count)
    if (!isZero(bytes)) {
      const first = bytes.findIndex((byte) => byte !== 0)
      return at + Math.floor(first / BLOCK_BYTES) * BLOCK_BYTES
    }
    at += count
    await setImmediate()
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.equals(ZEROS.subarray(0, bytes.length))
}

function truncated(archive: ArchiveFile, archiveBytes: number, member?: TarMember): InputError {
  return new InputError({
    file: archive.path,
    offset: member?.offset ?? archiveBytes,
    problem: 'the tar is truncated',
    expected: member === undefined ? 'two blocks of zeros at its end' : `${member.bytes} bytes of a file`,
    actual: member === undefined ? 'none' : archiveBytes - member.offset,
    fix: 'Make or copy the archive again: files at its end are missing.',
  })
}
