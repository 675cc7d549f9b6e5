import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { inputErrorFrom } from '../../io/index.js'
import { FOLDER_MARK } from '../published-folder.js'
import { byBytes } from './byte-order.js'
import { countIgnored } from './ignored-files.js'
import { isImageFile, kindOfOther, readHead } from './image-names.js'

/** A folder that directly holds images. */
export interface ImageFolder {
  /** Absolute. */
  path: string
  /** Below its input, with `/`; empty for the input itself. */
  relativePath: string
  /** Names of its images, by bytes. */
  names: string[]
}

export interface Scan {
  folders: ImageFolder[]
  /** Files that are not images, counted by extension, or as `hidden` (names that begin with a dot; a folder is one). */
  ignored: Record<string, number>
}

/** Folders after which the event loop gets a turn, for signals. */
const FOLDERS_PER_TURN = 64

/**
 * Finds the images below a folder. Links to folders and files are followed, except back to a folder that encloses them.
 * @throws InputError for a folder that cannot be read
 */
export async function scanFolder(root: string): Promise<Scan> {
  const scan: Scan = { folders: [], ignored: {} }
  const waiting: Folder[] = [{ path: root, relativePath: '', linked: [realPath(root)] }]
  let done = 0
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    waiting.push(...scanOne(folder, scan))
    if (++done % FOLDERS_PER_TURN === 0) await setImmediate()
  }
  scan.folders.sort((a, b) => byBytes(a.relativePath, b.relativePath))
  return scan
}

/** A folder that is to be scanned. */
interface Folder {
  path: string
  relativePath: string
  /** Real paths of the input and of the folders around each link on the way: a link to one of them is a loop. */
  linked: string[]
}

/** Notes the images of one folder, and returns the folders in it. */
function scanOne(folder: Folder, scan: Scan): Folder[] {
  const names: string[] = []
  const inside: Folder[] = []
  for (const entry of entriesOf(folder.path)) {
    const { name } = entry
    const kind = entry.isSymbolicLink() ? kindOfTarget(join(folder.path, name)) : kindOf(entry)
    if (kind === undefined || name === FOLDER_MARK) continue
    if (name.startsWith('.')) countIgnored(scan, 'hidden')
    else if (kind === 'folder') inside.push(...enter(folder, entry))
    else if (isImageFile(name, (bytes) => readHead(join(folder.path, name), bytes))) names.push(name)
    else countIgnored(scan, kindOfOther(name))
  }
  if (names.length > 0) {
    scan.folders.push({
      path: folder.path,
      relativePath: folder.relativePath,
      names: names.sort(byBytes),
    })
  }
  return inside
}

/** Many small folders are read several times as fast synchronously as through promises. @throws InputError */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}

function enter(parent: Folder, entry: Dirent): Folder[] {
  const path = join(parent.path, entry.name)
  const relativePath = parent.relativePath === '' ? entry.name : `${parent.relativePath}/${entry.name}`
  if (!entry.isSymbolicLink()) return [{ path, relativePath, linked: parent.linked }]
  const target = realPath(path)
  const here = realPath(parent.path)
  const encloses = `${here}/`.startsWith(`${target}/`) || parent.linked.includes(target)
  return encloses ? [] : [{ path, relativePath, linked: [...parent.linked, here, target] }]
}

/** Sockets and devices are neither. */
function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): 'file' | 'folder' | undefined {
  if (entry.isFile()) return 'file'
  return entry.isDirectory() ? 'folder' : undefined
}

/** Where a link leads. One that leads nowhere, or round and round, counts as a file: it is listed with that reason. */
function kindOfTarget(link: string): 'file' | 'folder' | undefined {
  try {
    return kindOf(statSync(link))
  } catch {
    return 'file'
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
