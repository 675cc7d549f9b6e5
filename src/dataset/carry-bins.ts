import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { copyFile } from '../io/index.js'

/**
 * Copies the bins of one version of a dataset, and what is written beside them, to another, over what stands there. They
 * are put there by hand or by `facedata bins`, not by what makes the dataset, and would go with the version.
 * @param workshop where an unfinished copy stands: see `AtomicFile.create`
 */
export async function carryBins(from: string, to: string, workshop: string): Promise<void> {
  for (const name of await readdir(from)) {
    const path = join(from, name)
    if (!/\.bin(\.json)?$/.test(name) || !(await stat(path)).isFile()) continue
    await copyFile(path, join(to, name), workshop)
  }
}
