import { realpath, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { type DatasetFiles, findDatasetFiles } from '../../dataset/index.js'
import { UsageError } from '../../errors/index.js'

/** The dataset that is to be adopted, and what its folder lacks to be a dataset directory. */
export interface AdoptTarget {
  /** What the dataset is called from now on. */
  name: string
  files: DatasetFiles
  /** Links to be made, by name: a `.rec` file of another name becomes `train.rec`, and its index and list with it. */
  links: Record<string, string>
}

/** Files that are written for `train.rec`: they would be taken for those of a `.rec` file of another name. */
const TRAIN_FILES = ['train.idx', 'train.lst', 'manifest.arrow', 'identities.arrow', 'dataset.json']

/** @throws InputError, UsageError where the folder holds the files of another dataset */
export async function findTarget(path: string): Promise<AdoptTarget> {
  const files = await findDatasetFiles(path)
  const isFolder = (await stat(path)).isDirectory()
  const name = isFolder ? files.name : basename(files.folder)
  if (basename(files.records) === 'train.rec') return { name, files, links: {} }
  const train = await realpath(join(files.folder, 'train.rec')).catch(() => undefined)
  if (train !== undefined && train === (await realpath(files.records))) {
    return { name, files: await findDatasetFiles(files.folder), links: {} }
  }
  const taken = train === undefined ? await firstOf(files.folder, TRAIN_FILES) : 'train.rec'
  if (taken !== undefined) {
    throw new UsageError(
      `${files.folder} is the folder of another dataset: it holds ${taken}. Move ${basename(files.records)} and the files beside it into a folder of their own`,
    )
  }
  const links: Record<string, string> = {}
  for (const file of [files.records, files.index, files.list]) {
    if (file !== undefined) links[`train${extname(file)}`] = basename(file)
  }
  return { name, files, links }
}

async function firstOf(folder: string, names: string[]): Promise<string | undefined> {
  for (const name of names) {
    const found = await realpath(join(folder, name)).catch(() => undefined)
    if (found !== undefined) return name
  }
  return undefined
}
