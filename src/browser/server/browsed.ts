import { UsageError } from '../../errors/index.js'
import type { BrowsedDataset } from '../people/browsed-dataset.js'
import type { Review } from '../review/review.js'
import type { Assets } from './assets.js'

/** What the pages are about. */
export interface Browsed {
  datasets: readonly BrowsedDataset[]
  reviews: readonly { name: string; review: Review }[]
  assets: Assets
}

/** A dataset, person, image or case of that number is none. */
export class NotThere extends UsageError {}

export function datasetAt({ datasets }: Browsed, number: number): BrowsedDataset {
  const dataset = datasets[number]
  if (dataset === undefined) throw new NotThere(`there is no dataset ${number}`)
  return dataset
}

export function reviewAt({ reviews }: Browsed, number: number): Review {
  const found = reviews[number]
  if (found === undefined) throw new NotThere(`there is no review ${number}`)
  return found.review
}

export function imageIn({ table }: BrowsedDataset, position: number): void {
  if (position >= table.count) throw new NotThere(`there is no image ${position}`)
}

export function labelIn({ people, dataset }: BrowsedDataset, label: number): number {
  if (label < people.count) return label
  throw new NotThere(`${dataset.name} has no label ${label}: its labels are 0 to ${people.count - 1}`)
}

export function rowIn(review: Review, row: number): number {
  if (row < review.length) return row
  throw new NotThere(`the review has no case ${row + 1}: it has ${review.length}`)
}
