import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../errors/index.js'
import { removeTree, renamePath, syncDirectory } from '../../io/index.js'

/** Never written over: another tool or a person made them. */
const KEPT = ['train.rec', 'train.idx', 'train.lst', 'property']

/**
 * Moves prepared files into the folder of their dataset. `dataset.json` comes last, once the others are durable: until
 * it stands there the dataset is read as one of another tool, of which they are true too. @throws OutputError
 */
export async function placeFiles(workshop: string, folder: string, names: string[]): Promise<void> {
  for (const name of KEPT) {
    if (names.includes(name) && (await exists(join(folder, name)))) {
      throw new UsageError(`${join(folder, name)} was made while the dataset was adopted. Adopt it again`)
    }
  }
  for (const name of names) await renamePath(join(workshop, name), join(folder, name))
  await syncDirectory(folder)
  await renamePath(join(workshop, 'dataset.json'), join(folder, 'dataset.json'))
  await syncDirectory(folder)
  await removeTree(workshop)
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
