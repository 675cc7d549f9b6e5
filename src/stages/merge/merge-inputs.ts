import { stat } from 'node:fs/promises'
import { checkCapacity, type Dataset, resolveDataset, type WrittenDialect } from '../../dataset/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import { closeDatasets, type DatasetInput, frozen, openDatasets } from '../dataset-input.js'

/** Opens the datasets of a merge and checks that they can be one. @throws InputError, UsageError */
export async function freezeInputs(
  names: string[],
  datasets: string | undefined,
  dialect: WrittenDialect,
): Promise<DatasetInput[]> {
  const paths = await Promise.all(names.map((name) => resolveDataset(name, datasets)))
  const opened = await openDatasets(paths)
  try {
    checkSizes(opened)
    checkCapacity(dialect, total(opened, 'imageCount'), total(opened, 'identityCount'))
    await checkDistinct(opened)
    return await Promise.all(opened.map((dataset, i) => frozen(dataset, paths[i]!)))
  } finally {
    await closeDatasets(opened)
  }
}

function checkSizes(datasets: Dataset[]): void {
  const [first, ...others] = datasets
  for (const other of others) {
    if (other.height === first!.height && other.width === first!.width) continue
    throw new InputError({
      file: other.directory,
      problem: `its images are of another size than those of ${first!.name}`,
      expected: sizeOf(first!),
      actual: `${sizeOf(other)} in ${other.name}`,
      fix: 'Pack one of them again with the size of the other (--size).',
    })
  }
}

function total(datasets: Dataset[], count: 'imageCount' | 'identityCount'): number {
  return datasets.reduce((sum, dataset) => sum + dataset[count], 0)
}

function sizeOf({ height, width }: Dataset): string {
  return `${width}x${height}`
}

/** The same records twice would be two identities for one person. */
async function checkDistinct(datasets: Dataset[]): Promise<void> {
  const seen = new Map<string, Dataset>()
  for (const dataset of datasets) {
    const { dev, ino } = await stat(dataset.files.records)
    const parts = (dataset.description?.sources ?? []).map(({ fingerprint }) => fingerprint)
    const marks = new Set(
      [`${dev}:${ino}`, await dataset.fingerprint(), ...parts].filter((mark) => mark !== undefined),
    )
    for (const mark of marks) {
      const other = seen.get(mark)
      if (other !== undefined) {
        throw new UsageError(
          `${dataset.name} (${dataset.directory}) and ${other.name} (${other.directory}) are the same dataset, or hold the same one: its people would get two labels each. Leave one of them out`,
        )
      }
      seen.set(mark, dataset)
    }
  }
}
