import { ArchiveFile, type ArchiveState } from './archive-file.js'
import { type ArchiveFormat, archiveFormat } from './archive-format.js'
import type { EntryTable } from './entry-table.js'
import type { ArchiveLimits } from './limits.js'
import { readTarDirectory } from './tar-directory.js'
import { readZipDirectory } from './zip-directory.js'

/** What an archive holds, with everything that a thread needs to read its files one by one. */
export interface ArchiveListing {
  path: string
  format: ArchiveFormat
  state: ArchiveState
  /** Files, in the order of the archive; folders are left out. Links are entries with a problem. */
  entries: EntryTable
  /** Devices, sockets, volume labels and the like. */
  special: number
}

/**
 * Lists the files of a zip or tar without unpacking it: a zip by its central directory, a tar from header to header.
 * @throws InputError for a file that is neither, or one that is truncated or damaged
 */
export async function listArchive(path: string, limits: ArchiveLimits): Promise<ArchiveListing> {
  const archive = ArchiveFile.open(path)
  try {
    const format = archiveFormat(archive)
    const state = archive.state()
    const read = format === 'tar' ? readTarDirectory : readZipDirectory
    const directory = await read(archive, limits)
    return { path, format, state, ...directory }
  } finally {
    archive.close()
  }
}
