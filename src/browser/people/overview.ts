import { describeLost } from '../../dataset/index.js'
import type { DatasetOverview } from '../api.js'
import type { BrowsedDataset } from './browsed-dataset.js'

/** Places with damage that are told one by one. */
const TOLD = 3

export function datasetOverview(browsed: BrowsedDataset): DatasetOverview {
  const { dataset, people, table } = browsed
  const { description } = dataset
  let emptyIdentities = 0
  for (let label = 0; label < people.count; label++) if (people.images[label] === 0) emptyIdentities++
  return {
    name: dataset.name,
    folder: dataset.directory,
    images: table.count,
    identities: people.count,
    emptyIdentities,
    width: dataset.width,
    height: dataset.height,
    dialect: dataset.dialect,
    ...(description !== undefined && { madeBy: `${description.tool} ${description.stage}` }),
    sources: description?.sources ?? [],
    missingSorts: browsed.missingSorts,
    notices: noticesOf(browsed),
  }
}

function noticesOf({ dataset, lost }: BrowsedDataset): string[] {
  const notices: string[] = []
  if (dataset.description === undefined) {
    notices.push(
      'Made by another tool: there is no manifest, so sources and stored hashes are not known. facedata adopt writes one.',
    )
  }
  return [...notices, ...describeLost(lost, TOLD)]
}
