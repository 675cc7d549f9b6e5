import type { ReviewSide } from '../api.js'
import type { BrowsedDataset } from '../people/browsed-dataset.js'

/** Images of an identity that are shown beside those of another. */
const SHOWN_PHOTOS = 12

/** @param without position of an image that stands by itself */
export function reviewSide(
  datasets: readonly BrowsedDataset[],
  dataset: number,
  label: number,
  without = -1,
): ReviewSide {
  const { people, photos, dataset: opened } = datasets[dataset]!
  const name = people.names[label]
  return {
    dataset,
    datasetName: opened.name,
    label,
    ...(name !== undefined && { name }),
    images: people.images[label]!,
    photos: photos.sample(label, SHOWN_PHOTOS).filter((position) => position !== without),
  }
}
