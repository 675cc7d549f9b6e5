import { posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ArchiveListing, EntryReader, EntryTable } from '../../archives/index.js'
import { InputError } from '../../errors/index.js'
import { FOLDER_MARK } from '../published-folder.js'
import { byBytes } from './byte-order.js'
import { countIgnored } from './ignored-files.js'
import { isImageFile, kindOfOther } from './image-names.js'

/** Entries after which the event loop gets a turn, for signals. */
const ENTRIES_PER_TURN = 512

/** What is in an archive. Files are rows of its table. */
export interface ArchiveScan {
  /** Of images, by the folder that holds them; empty for the archive itself. */
  images: Map<string, number[]>
  /** Of files that may name the identities of images. */
  labels: { cls: number[]; json: number[] }
  /** Of images that have no folder, since their names are no paths. */
  misnamed: number[]
  /** Files that are not images, counted by extension, as `hidden`, or as `special`: devices and the like. */
  ignored: Record<string, number>
}

/** Sorts the files of a listed archive as `scanFolder` does those of a folder. */
export async function scanArchive(
  { entries, special }: ArchiveListing,
  reader: EntryReader,
): Promise<ArchiveScan> {
  const images = new Map<string, number[]>()
  const scan: ArchiveScan = { images, labels: { cls: [], json: [] }, misnamed: [], ignored: {} }
  const hiddenFolders = new Set<string>()
  for (let row = 0; row < entries.size; row++) {
    if (row % ENTRIES_PER_TURN === 0) await setImmediate()
    const path = entries.path(row)
    const name = posix.basename(path)
    const isImage = () => isImageFile(name, (bytes) => headOf(entries, row, reader, bytes))
    if (entries.isMisnamed(row)) {
      if (isImage()) scan.misnamed.push(row)
      else countIgnored(scan, kindOfOther(name))
    } else if (isHidden(path)) {
      const folder = hiddenFolderOf(path)
      if (folder !== undefined) hiddenFolders.add(folder)
      else if (name !== FOLDER_MARK) countIgnored(scan, 'hidden')
    } else if (isImage()) {
      const folder = folderOf(path)
      const rows = images.get(folder)
      if (rows === undefined) images.set(folder, [row])
      else rows.push(row)
    } else {
      if (name.endsWith('.cls')) scan.labels.cls.push(row)
      if (name.endsWith('.json')) scan.labels.json.push(row)
      countIgnored(scan, kindOfOther(name))
    }
  }
  // As on disk, where nobody looks into a hidden folder, it counts once.
  if (hiddenFolders.size > 0) countIgnored(scan, 'hidden', hiddenFolders.size)
  if (special > 0) countIgnored(scan, 'special', special)
  return scan
}

/**
 * The names of files of one folder, by bytes, with their rows. Of several files of one name, which unpack over one
 * another, the last one counts and the others get a problem.
 */
export function sortByName(entries: EntryTable, rows: number[]): { names: string[]; rows: number[] } {
  const names = rows.map((row) => posix.basename(entries.path(row)))
  const order = [...rows.keys()].sort((a, b) => byBytes(names[a]!, names[b]!) || a - b)
  for (const [i, position] of order.entries()) {
    const next = order[i + 1]
    if (next === undefined || names[next] !== names[position]) continue
    entries.setProblem(rows[position]!, 'a later file of the archive has the same name')
  }
  return { names: order.map((i) => names[i]!), rows: order.map((i) => rows[i]!) }
}

/** The folder of a path, empty for the archive itself. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function isHidden(path: string): boolean {
  return path.startsWith('.') || path.includes('/.')
}

/** The outermost hidden folder of a path; undefined where the file alone is hidden. */
function hiddenFolderOf(path: string): string | undefined {
  const start = path.startsWith('.') ? 0 : path.indexOf('/.') + 1
  const end = path.indexOf('/', start)
  return end === -1 ? undefined : path.slice(0, end)
}

function headOf(
  entries: EntryTable,
  row: number,
  reader: EntryReader,
  bytes: number,
): Uint8Array | undefined {
  if (entries.problem(row) !== undefined) return undefined
  try {
    return reader.readHead(entries.location(row), bytes)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
