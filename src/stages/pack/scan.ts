import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { inputErrorFrom } from '../../io/index.js'
import { byBytes } from './byte-order.js'
import { isImageFile } from './image-names.js'

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
  /** Files that are not images, counted by extension, or as `hidden` (names that begin with a dot). */
  ignored: Record<string, number>
}

/** Folders after which the event loop gets a turn, for signals and progress. */
const FOLDERS_PER_TURN = 256

/**
 * Finds the images below a folder. Links to folders and files are followed, except back to a folder that encloses them.
 * Reading folders is synchronous: on a local disk that is several times as fast as promises.
 * @throws InputError for a folder that cannot be read
 */
export async function scanFolder(root: string): Promise<Scan> {
  const scan: Scan = { folders: [], ignored: {} }
  const count = (kind: string) => {
    scan.ignored[kind] = (scan.ignored[kind] ?? 0) + 1
  }
  const pending: Pending[] = [{ path: root, relativePath: '', enclosing: [realPath(root)] }]
  for (let visited = 1; pending.length > 0; visited++) {
    const folder = pending.pop()!
    const names: string[] = []
    for (const entry of readFolder(folder.path)) {
      const path = join(folder.path, entry.name)
      const kind = kindOf(entry, path)
      if (entry.name.startsWith('.') && kind !== undefined) count('hidden')
      else if (kind === 'folder') pending.push(...below(folder, entry.name, entry.isSymbolicLink()))
      else if (kind === 'file' && isImageFile(path)) names.push(entry.name)
      else if (kind === 'file') count(extname(path).toLowerCase() || 'no extension')
    }
    if (names.length > 0) {
      scan.folders.push({
        path: folder.path,
        relativePath: folder.relativePath,
        names: names.sort(byBytes),
      })
    }
    if (visited % FOLDERS_PER_TURN === 0) await setImmediate()
  }
  scan.folders.sort((a, b) => byBytes(a.relativePath, b.relativePath))
  return scan
}

interface Pending {
  path: string
  relativePath: string
  /** Real paths of the folders, from a link or the root on, in which it lies: a link to one of them is a loop. */
  enclosing: string[]
}

function below(parent: Pending, name: string, isLink: boolean): Pending[] {
  const path = join(parent.path, name)
  const relativePath = parent.relativePath === '' ? name : `${parent.relativePath}/${name}`
  if (!isLink) return [{ path, relativePath, enclosing: parent.enclosing }]
  const target = realPath(path)
  const here = realPath(parent.path)
  const encloses = `${here}/`.startsWith(`${target}/`) || parent.enclosing.includes(target)
  return encloses ? [] : [{ path, relativePath, enclosing: [...parent.enclosing, here, target] }]
}

/** Undefined for what is neither: sockets and devices. A link that leads nowhere counts as a file, to be listed. */
function kindOf(entry: Dirent, path: string): 'file' | 'folder' | undefined {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  if (!entry.isSymbolicLink()) return undefined
  const target = statSync(path, { throwIfNoEntry: false })
  if (target === undefined || target.isFile()) return 'file'
  return target.isDirectory() ? 'folder' : undefined
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
