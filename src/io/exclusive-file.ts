import { link } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory, removeTree } from './directory.js'
import { OutputFile } from './output-file.js'
import { outputErrorFrom } from './system-error.js'
import { announceWrite } from './write-events.js'

/**
 * Creates a small file, whole, only if there is none of that name: of several processes that try, one succeeds. Written
 * beside it and hard-linked, since linking alone is atomic on local disks and on NFS. False where the name is taken.
 * @param temporary where it is written: in the same folder, and of this process alone
 * @throws OutputError
 */
export async function createExclusively(path: string, content: string, temporary: string): Promise<boolean> {
  await makeDirectory(dirname(path))
  try {
    const file = await OutputFile.create(temporary)
    try {
      await file.write(Buffer.from(content, 'utf8'))
      await file.sync()
    } finally {
      await file.close()
    }
    announceWrite({ kind: 'hard-link', path: temporary, to: path })
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw outputErrorFrom(error, path)
  } finally {
    await removeTree(temporary)
  }
}
