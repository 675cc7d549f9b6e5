import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { createExclusively, outputErrorFrom, removeTree } from '../io/index.js'

/**
 * A lock is a chain of files. The first has the lock's name, and each next one is named after the content of the one
 * before it; the last one's owner holds the lock. A dead owner's file is not replaced, it is succeeded. That never two
 * hold the lock follows from this:
 *
 * - A file of the chain is made with `link`, which fails where the name is taken, on local disks and on NFS. So of all who
 *   find the same owner dead one becomes its successor, and the others find that one.
 * - Every content has a token of its own, so that a name behind it never stands for another owner, and a first file that
 *   went away does not come back. Whoever succeeded to a chain that he had read before looks at its files once more, after
 *   his link: if they are the same, so was the chain all the time, for nobody but its last owner removes it. If not, it
 *   was released meanwhile, his link hangs on nothing, and he takes it away.
 * - Who releases a lock becomes his own successor before he removes it, so that nobody else can, and removes the first
 *   file first: from then on nobody holds the lock, and what is left of the chain means nothing.
 * - NFS caches names and attributes, but asks the server when a file is opened, and looks a name up again after a `link`
 *   in its folder: that is all that is read here.
 *
 * What no lock in files can do: an owner on another machine that stands still for so long that it counts as gone, and
 * then goes on, has lost its lock without knowing. It is told so when it next touches its file.
 */
export interface ChainFile {
  path: string
  content: string
}

/** The files of a lock, the first one first; none where it is free. @throws OutputError where one cannot be read */
export async function readChain(lock: string): Promise<ChainFile[]> {
  const chain: ChainFile[] = []
  for (let path = lock; !chain.some((file) => file.path === path); ) {
    const content = await readText(path)
    if (content === undefined) break
    chain.push({ path, content })
    path = pathBehind(lock, content)
  }
  return chain
}

/**
 * Becomes the successor of the last in a chain. Undefined where another one was faster, or the chain is gone.
 * @throws OutputError
 */
export async function succeed(
  lock: string,
  chain: readonly ChainFile[],
  content: string,
  temporary: string,
): Promise<ChainFile | undefined> {
  const path = pathBehind(lock, chain.at(-1)!.content)
  if (!(await createExclusively(path, content, temporary))) return undefined
  let stands = false
  try {
    stands = await isTheSame(chain)
  } finally {
    if (!stands) await removeTree(path)
  }
  return stands ? { path, content } : undefined
}

async function isTheSame(chain: readonly ChainFile[]): Promise<boolean> {
  for (const { path, content } of chain) if ((await readText(path)) !== content) return false
  return true
}

/** What the names of all files begin with that belong to a lock and are not the first of its chain. */
export function prefixOf(lock: string): string {
  return `.${basename(lock)}.`
}

export const BEHIND = 'after-'

/** Undefined where there is no such file. @throws OutputError */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    // Removed on the server of a network file system while it was opened here: ESTALE.
    if (['ENOENT', 'ESTALE'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw outputErrorFrom(error, path)
  }
}

function pathBehind(lock: string, content: string): string {
  const name = hashToHex(xxh64(Buffer.from(content, 'utf8')))
  return join(dirname(lock), `${prefixOf(lock)}${BEHIND}${name}`)
}
