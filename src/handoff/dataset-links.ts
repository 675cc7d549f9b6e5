import { basename, dirname, join } from 'node:path'
import { makeDirectory, removeTree, replaceLink } from '../io/index.js'
import { publishFolder } from '../stages/published-folder.js'
import type { ValTarget } from '../training/index.js'
import type { CheckedDataset } from './checked-dataset.js'

/**
 * Makes a folder of links as upstream looks for files: `train.rec`, `train.idx` and each bin under its bare name, since
 * it passes over a bin that is not in the dataset's folder. A dataset stays as it was published. @throws OutputError
 */
export async function linkDataset(
  folder: string,
  { records, index, property }: CheckedDataset,
  valTargets: readonly ValTarget[],
): Promise<void> {
  const links = new Map([
    ['train.rec', records],
    ['train.idx', index],
    ...(property === undefined ? [] : [['property', property] as const]),
    ...valTargets.map(({ name, path }) => [`${name}.bin`, path] as const),
  ])
  const unfinished = join(dirname(folder), `.${basename(folder)}.handoff.tmp`)
  await removeTree(unfinished)
  await makeDirectory(unfinished)
  for (const [name, target] of links) await replaceLink(join(unfinished, name), target)
  await publishFolder(unfinished, folder, 'handoff')
}
