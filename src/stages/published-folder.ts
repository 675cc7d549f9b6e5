import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeDirectory, removeTree, renamePath, syncDirectory, writeFileAtomically } from '../io/index.js'

/** Tells a folder of ours from one of the user's, which `--replace` must never remove. Hidden, so that pack passes it. */
export const FOLDER_MARK = '.facedata.json'

export async function isPublishedFolder(path: string): Promise<boolean> {
  return stat(join(path, FOLDER_MARK)).then(
    () => true,
    () => false,
  )
}

/**
 * Marks the folder `from` as made by a stage and puts it under the name `to`. A folder cannot be renamed over one that
 * is not empty: the old one steps aside first, and back where that fails. A run that is killed between the two leaves
 * no folder under the name; run again, it puts the new one there. @throws OutputError
 */
export async function publishFolder(from: string, to: string, stage: string): Promise<void> {
  await writeFileAtomically(join(from, FOLDER_MARK), `${JSON.stringify({ stage })}\n`, dirname(from))
  await makeDirectory(dirname(to))
  const former = join(dirname(to), `.${basename(to)}.former.tmp`)
  const replaces = existsSync(to)
  if (replaces) {
    await removeTree(former)
    await renamePath(to, former)
  }
  try {
    await renamePath(from, to)
  } catch (error) {
    if (replaces) await renamePath(former, to)
    throw error
  }
  await syncDirectory(dirname(to))
  await removeTree(former)
}
