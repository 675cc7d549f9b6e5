import { Dataset } from '../dataset/index.js'
import { InputError } from '../errors/index.js'

/** A dataset that a stage reads, as its plan froze it. */
export interface DatasetInput {
  /** Absolute path of its folder, link or `.rec` file. */
  path: string
  name: string
  fingerprint: string
  images: number
  identities: number
}

/** @param path absolute, of the folder, link or `.rec` file @throws InputError */
export async function freezeDataset(path: string): Promise<DatasetInput> {
  const dataset = await Dataset.open(path)
  try {
    return await frozen(dataset, path)
  } finally {
    await dataset.close()
  }
}

/** What a plan notes of a dataset that was opened at `path`. */
export async function frozen(dataset: Dataset, path: string): Promise<DatasetInput> {
  return {
    path,
    name: dataset.name,
    fingerprint: await dataset.fingerprint(),
    images: dataset.imageCount,
    identities: dataset.identityCount,
  }
}

/** Opens the datasets of a plan again. @throws InputError where one changed since */
export async function reopenDatasets(inputs: DatasetInput[]): Promise<Dataset[]> {
  const opened = await openDatasets(inputs.map(({ path }) => path))
  try {
    for (const [i, dataset] of opened.entries()) await checkUnchanged(dataset, inputs[i]!)
    return opened
  } catch (error) {
    await closeDatasets(opened)
    throw error
  }
}

/** Opens all or none. @throws InputError */
export async function openDatasets(paths: string[]): Promise<Dataset[]> {
  const opened: Dataset[] = []
  try {
    for (const path of paths) opened.push(await Dataset.open(path))
    return opened
  } catch (error) {
    await closeDatasets(opened)
    throw error
  }
}

export async function closeDatasets(datasets: Dataset[]): Promise<void> {
  await Promise.all(datasets.map((dataset) => dataset.close()))
}

async function checkUnchanged(dataset: Dataset, planned: DatasetInput): Promise<void> {
  const actual = await dataset.fingerprint()
  if (actual === planned.fingerprint) return
  throw new InputError({
    file: dataset.directory,
    problem: 'the dataset changed after the work was planned',
    expected: `fingerprint ${planned.fingerprint}`,
    actual,
    fix: 'Run the same command again.',
  })
}
