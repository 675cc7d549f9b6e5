import { posix } from 'node:path'
import type { Dataset } from './dataset.js'
import { readList } from './list-file.js'
import { readManifest } from './manifest.js'

/**
 * Paths of images by position: those in their source, below the source's name where there are several; of a dataset
 * without a manifest those in its list. An image whose path is not known is not in the map. @throws InputError
 */
export async function imagePaths(
  dataset: Dataset,
  positions: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const paths = new Map<number, string>()
  const { description, files } = dataset
  if (description !== undefined && files.manifest !== undefined) {
    const { sources } = description
    let first = 0
    for await (const batch of readManifest(files.manifest)) {
      for (let row = 0; row < batch.rows; row++) {
        const path = positions.has(first + row) ? batch.path(row) : ''
        const source = sources.length > 1 ? sources[batch.sources[row]!]?.name : undefined
        if (path !== '') paths.set(first + row, posix.join(source ?? '', path))
      }
      first += batch.rows
    }
  } else if (files.list !== undefined) {
    const { keys } = await dataset.table()
    const positionOf = new Map([...positions].map((position) => [keys[position]!, position]))
    for await (const { key, path } of readList(files.list)) {
      const position = positionOf.get(key)
      if (position !== undefined) paths.set(position, path)
    }
  }
  return paths
}
