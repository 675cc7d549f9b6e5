import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import fastGlob, { type Entry } from 'fast-glob'
import { inputErrorFrom } from '../../io/index.js'
import { FOLDER_MARK } from '../published-folder.js'
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
  /** Files that are not images, counted by extension, or as `hidden` (names that begin with a dot; a folder is one). */
  ignored: Record<string, number>
}

/**
 * Finds the images below a folder. Links to folders and files are followed, except back to a folder that encloses them.
 * @throws InputError for a folder that cannot be read
 */
export async function scanFolder(root: string): Promise<Scan> {
  const scan: Scan = { folders: [], ignored: {} }
  const namesOf = new Map<string, string[]>()
  const trees: Tree[] = [{ path: root, relativePath: '', enclosing: [realPath(root)] }]
  for (let tree = trees.pop(); tree !== undefined; tree = trees.pop()) {
    for await (const { path, isLink } of entriesOf(tree.path)) {
      const target = isLink ? kindOf(join(tree.path, path)) : 'file'
      const name = basename(path)
      if (target === undefined || name === FOLDER_MARK) continue
      if (name.startsWith('.')) countIgnored(scan, 'hidden')
      else if (target === 'folder') trees.push(...linkedTree(tree, path))
      else if (isImageFile(join(tree.path, path))) {
        const folder = joinPath(tree.relativePath, dirname(path))
        const names = namesOf.get(folder)
        if (names === undefined) namesOf.set(folder, [name])
        else names.push(name)
      } else countIgnored(scan, extname(name).toLowerCase() || 'no extension')
    }
  }
  for (const [relativePath, names] of namesOf) {
    scan.folders.push({ path: join(root, relativePath), relativePath, names: names.sort(byBytes) })
  }
  scan.folders.sort((a, b) => byBytes(a.relativePath, b.relativePath))
  return scan
}

/** A folder whose files are found by one walk: the input, or one that a link leads to. */
interface Tree {
  path: string
  relativePath: string
  /** Real paths of the folders, from a link or the root on, in which it lies: a link to one of them is a loop. */
  enclosing: string[]
}

/** Files, links and hidden folders below a folder, but nothing that lies in a hidden one. Paths are relative, with `/`. */
async function* entriesOf(root: string): AsyncGenerator<{ path: string; isLink: boolean }> {
  const entries = fastGlob.stream('**', {
    cwd: root,
    dot: true,
    ignore: ['**/.*/*', '**/.*/*/**'],
    onlyFiles: false,
    // Followed by us: fast-glob goes round a loop of links until the path is too long.
    followSymbolicLinks: false,
    objectMode: true,
  }) as AsyncIterable<Entry>
  try {
    for await (const { path, dirent } of entries) {
      const isLink = dirent.isSymbolicLink()
      const isHidden = basename(path).startsWith('.')
      if (isLink || dirent.isFile() || (isHidden && dirent.isDirectory())) yield { path, isLink }
    }
  } catch (error) {
    throw inputErrorFrom(error, (error as NodeJS.ErrnoException).path ?? root)
  }
}

function linkedTree(parent: Tree, link: string): Tree[] {
  const path = join(parent.path, link)
  const target = realPath(path)
  const here = realPath(dirname(path))
  const encloses = `${here}/`.startsWith(`${target}/`) || parent.enclosing.includes(target)
  if (encloses) return []
  return [
    {
      path,
      relativePath: joinPath(parent.relativePath, link),
      enclosing: [...parent.enclosing, here, target],
    },
  ]
}

/** Where a link leads. Nowhere counts as a file, to be listed; sockets and devices are neither. */
function kindOf(link: string): 'file' | 'folder' | undefined {
  const target = statSync(link, { throwIfNoEntry: false })
  if (target === undefined || target.isFile()) return 'file'
  return target.isDirectory() ? 'folder' : undefined
}

function countIgnored(scan: Scan, kind: string): void {
  scan.ignored[kind] = (scan.ignored[kind] ?? 0) + 1
}

/** `.` and the empty path are the folder itself. */
function joinPath(folder: string, path: string): string {
  return [folder, path].filter((part) => part !== '' && part !== '.').join('/')
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
