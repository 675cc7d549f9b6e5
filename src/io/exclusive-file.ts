import { link, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory, removeTree } from './directory.js'
import { OutputFile } from './output-file.js'
import { outputErrorFrom } from './system-error.js'
import { announceWrite } from './write-events.js'

/**
 * Creates a small file, whole, only if there is none of that name: of several processes that try, one succeeds. Written
 * beside it and hard-linked, since linking alone is atomic on local disks and on NFS. False where the name is taken.
 * @param temporary where it is written: in the same folder, and of this call alone
 * @throws OutputError
 */
export async function createExclusively(path: string, content: string, temporary: string): Promise<boolean> {
  await makeDirectory(dirname(path))
  try {
    await writeTemporary(temporary, content)
    announceWrite({ kind: 'hard-link', path: temporary, to: path })
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw outputErrorFrom(error, path)
    // NFS sends a request again whose answer was lost, and is then told of its own link (link(2), open(2)).
    return (await stat(temporary).catch(() => undefined))?.nlink === 2
  } finally {
    await removeTree(temporary)
  }
}

/**
 * Writes the first byte of a file once more, if it still holds what is expected: its time is then new by the clock of
 * the file system, which all machines that share it see. No byte changes, so that no observer of writes is told. False
 * where the file is gone or is another one. @throws OutputError
 */
export async function touchOwnFile(path: string, content: string): Promise<boolean> {
  const handle = await open(path, 'r+').catch(() => undefined)
  if (handle === undefined) return false
  try {
    // Through one handle: a file that takes the place of this one meanwhile is not touched.
    if ((await handle.readFile('utf8')) !== content) return false
    await handle.write(content.slice(0, 1), 0)
    return true
  } catch (error) {
    throw outputErrorFrom(error, path)
  } finally {
    await handle.close()
  }
}

/**
 * What time it is for the file system of a folder, in milliseconds since 1970: what it says of a file written just now.
 * @param temporary in the folder, and of this call alone @throws OutputError
 */
export async function fileSystemTime(temporary: string): Promise<number> {
  try {
    await writeTemporary(temporary, 'now')
    return (await stat(temporary)).mtimeMs
  } catch (error) {
    throw outputErrorFrom(error, temporary)
  } finally {
    await removeTree(temporary)
  }
}

async function writeTemporary(path: string, content: string): Promise<void> {
  const file = await OutputFile.create(path)
  try {
    await file.write(Buffer.from(content, 'utf8'))
    await file.sync()
  } finally {
    await file.close()
  }
}
