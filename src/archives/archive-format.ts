import { InputError } from '../errors/index.js'
import type { ArchiveFile } from './archive-file.js'
import { BLOCK_BYTES, isTarHeader } from './tar-member.js'

export type ArchiveFormat = 'zip' | 'tar'

/** First bytes of archives that cannot be read file by file, and what makes them readable. */
const OTHERS: { magic: string; name: string; remedy: string }[] = [
  { magic: '1f8b', name: 'gzip', remedy: 'gunzip -k' },
  { magic: '425a68', name: 'bzip2', remedy: 'bunzip2 -k' },
  { magic: 'fd377a585a00', name: 'xz', remedy: 'xz -dk' },
  { magic: '28b52ffd', name: 'Zstandard', remedy: 'zstd -d' },
  { magic: '377abcaf271c', name: '7-Zip', remedy: '7z x' },
  { magic: '526172211a07', name: 'RAR', remedy: 'unrar x' },
]

/** Of a file with entries, without any, and cut into several. */
const ZIP_MAGICS = ['504b0304', '504b0506', '504b0708']

/** Told by the first bytes, whatever the name. @throws InputError for everything else */
export function archiveFormat(archive: ArchiveFile): ArchiveFormat {
  const block = Buffer.alloc(BLOCK_BYTES)
  const filled = archive.read(block, 0)
  const head = block.toString('hex', 0, Math.min(filled, 8))
  if (ZIP_MAGICS.some((magic) => head.startsWith(magic))) return 'zip'
  const other = OTHERS.find(({ magic }) => head.startsWith(magic))
  if (other !== undefined) {
    throw new InputError({
      file: archive.path,
      problem: `${other.name} cannot be read file by file, in any order`,
      expected: 'a zip, or a tar that is not compressed',
      fix: `Unpack it once: ${other.remedy} ${archive.path}`,
    })
  }
  const isEmptyTar = filled === BLOCK_BYTES && block.every((byte) => byte === 0)
  if (isEmptyTar || (filled === BLOCK_BYTES && isTarHeader(block))) return 'tar'
  throw new InputError({
    file: archive.path,
    problem: 'is neither a folder nor an archive that can be read',
    expected: 'a folder, a zip or a tar',
    actual: filled === 0 ? 'an empty file' : `first bytes ${head}`,
  })
}
