import { Dataset } from '../../dataset/index.js'
import type { EmptyLabel } from '../empty-labels.js'

/** The labels of a written dataset that no image has. @throws InputError */
export async function emptyLabelsOf(
  folder: string,
  { emptyIdentities }: { emptyIdentities: number },
): Promise<EmptyLabel[]> {
  if (emptyIdentities === 0) return []
  const dataset = await Dataset.open(folder)
  try {
    const { names, images } = await dataset.identities()
    return names.flatMap((name, label) => {
      return images[label] === 0 ? [{ label, ...(name !== undefined && { name }) }] : []
    })
  } finally {
    await dataset.close()
  }
}
