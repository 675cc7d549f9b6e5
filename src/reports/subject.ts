import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { datasetsFolder, findDatasetFiles, locateDataset, resolveDataset } from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import { RunDirectory } from '../training/index.js'

/** What a report is about: one dataset or one run. */
export interface Subject {
  kind: 'dataset' | 'run'
  /** Absolute. */
  path: string
  /** Of its folder or file, as it was given. */
  name: string
}

/** Finds a dataset, by name or path, or the folder of a run. @throws InputError where it is neither */
export async function findSubject(name: string, datasets: string | undefined): Promise<Subject> {
  const path = resolve(name)
  if (await isRun(path)) return { kind: 'run', path, name: basename(path) }
  const found = await resolveDataset(name, datasets)
  if (await isRun(found)) return { kind: 'run', path: found, name: basename(found) }
  try {
    const { name: own } = await findDatasetFiles(found)
    return { kind: 'dataset', path: found, name: own }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(
      {
        file: name,
        problem: 'is neither a dataset nor a training run',
        expected: 'a folder with a .rec file, or one with log.jsonl, config.yaml or checkpoints',
        fix: 'Name one of them',
      },
      { cause: error },
    )
  }
}

/** Where a subject stands, or will once it is made: what lies outside of the datasets folder is then taken for a run. */
export async function locateSubject(
  name: string,
  datasets: string | undefined,
): Promise<Omit<Subject, 'name'>> {
  const path = resolve(name)
  if (await isRun(path)) return { kind: 'run', path }
  const dataset = await locateDataset(name, datasets)
  const exists = (await stat(dataset).catch(() => undefined)) !== undefined
  const kind = exists || dirname(dataset) === datasetsFolder(datasets) ? 'dataset' : 'run'
  return { kind, path: dataset }
}

/** A folder that holds a run and no records: a dataset may hold a bin, and a run its own config. */
async function isRun(path: string): Promise<boolean> {
  const records = await stat(join(path, 'train.rec')).catch(() => undefined)
  return records === undefined && new RunDirectory(path).holdsRun()
}

/** Short names of paths that differ: the last part, with those before it where several end alike. */
export function distinctNames(paths: string[]): string[] {
  return paths.map((path, i) => {
    let name = basename(path)
    let folder = dirname(path)
    const others = paths.filter((other, at) => at !== i && other !== path)
    while (others.some((other) => other.endsWith(`/${name}`)) && basename(folder) !== '') {
      name = `${basename(folder)}/${name}`
      folder = dirname(folder)
    }
    return name
  })
}
