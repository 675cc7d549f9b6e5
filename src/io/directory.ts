import { mkdir, open, rename, rm, rmdir, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { outputErrorFrom } from './system-error.js'
import { announceWrite } from './write-events.js'

/** Makes a folder and those above it, and their names durable; an existing one is fine. @throws OutputError */
export async function makeDirectory(path: string): Promise<void> {
  announceWrite({ kind: 'directory', path })
  const first = await attempt(path, () => makeMissing(resolve(path)))
  if (first === undefined) return
  for (let made = resolve(path); made.length >= first.length; made = dirname(made)) {
    await syncDirectory(dirname(made))
  }
}

/**
 * The first folder that was made, undefined where all were there. Node's own recursion never ends where a file system
 * says of a name that it does not take that there is no such folder, as /proc does.
 */
async function makeMissing(path: string): Promise<string | undefined> {
  try {
    await mkdir(path)
    return path
  } catch (error) {
    if (await isDirectory(path)) return undefined
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error
  }
  // The folder above may be there by now, made by another thread: then this one is tried once more.
  const first = await makeMissing(dirname(path))
  // Another thread may have made it meanwhile.
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isDirectory(path))) throw error
  })
  return first ?? path
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/**
 * Whether there is nothing of that name. What cannot be asked for, on a network disk that is away for a moment for instance,
 * is not taken for missing. @throws OutputError
 */
export async function isMissing(path: string): Promise<boolean> {
  try {
    await stat(path)
    return false
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return true
    throw outputErrorFrom(error, path)
  }
}

/** Renames over whatever file or link stands at `to`. @throws OutputError */
export async function renamePath(from: string, to: string): Promise<void> {
  announceWrite({ kind: 'rename', path: from, to })
  await attempt(to, () => rename(from, to))
}

/** Removes a file or a folder with all in it; a missing one is fine. @throws OutputError */
export async function removeTree(path: string): Promise<void> {
  announceWrite({ kind: 'remove', path })
  await attempt(path, () => rm(path, { recursive: true, force: true }))
}

/**
 * Removes a folder so that a crash leaves it whole or leaves nothing under its name: by way of a hidden name, which
 * `removeTree` ends where it was stopped. @throws OutputError
 */
export async function removeWhole(path: string): Promise<void> {
  const aside = join(dirname(path), `.${basename(path)}.removed.tmp`)
  await removeTree(aside)
  await renamePath(path, aside)
  await syncDirectory(dirname(path))
  await removeTree(aside)
}

/** Removes a folder that holds nothing; one that holds something, or is missing, is left as it is. */
export async function removeEmptyDirectory(path: string): Promise<void> {
  announceWrite({ kind: 'remove-empty', path })
  await rmdir(path).catch(() => {})
}

/** Makes the names in a folder durable: without it a crash can undo a rename. @throws OutputError */
export async function syncDirectory(path: string): Promise<void> {
  announceWrite({ kind: 'sync-directory', path })
  await attempt(path, async () => {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } catch (error) {
      // Some network file systems cannot fsync a folder; their renames are durable by themselves.
      if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    } finally {
      await handle.close()
    }
  })
}

/**
 * Points the symbolic link `path` at `target` in one step, replacing the link that stood there. A killed run leaves a
 * `.NAME.link.tmp`, which the next one takes away. @throws OutputError
 */
export async function replaceLink(path: string, target: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.link.tmp`)
  await removeTree(temporary)
  announceWrite({ kind: 'link', path: temporary, target })
  await attempt(path, () => symlink(target, temporary))
  await renamePath(temporary, path)
  await syncDirectory(dirname(path))
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw outputErrorFrom(error, path)
  }
}
