import type { Bin } from '../charts/index.js'
import { meanOf, percentileOf, sortedCounts } from '../dataset/index.js'

/** How many images identities have. */
export interface Distribution {
  /** Identities that have an image. */
  identities: number
  minimum: number
  maximum: number
  mean: number
  /** By nearest rank: so many percent of the identities have so many images at most. */
  percentiles: { percent: number; images: number }[]
  /** Powers of two: 1, 2 to 3, 4 to 7 and so on, without gaps. */
  bins: Bin[]
  /** Part of the identities that have so many images at least: falls from 1, where they have one, to 0. */
  reach: [images: number, part: number][]
}

const PERCENTS = [1, 5, 25, 50, 75, 95, 99]

/** Steps of `reach`. */
const MOST_STEPS = 160

/** @param imagesOf images of each identity; those without any are left out */
export function distributionOf(imagesOf: ArrayLike<number>): Distribution {
  const sorted = sortedCounts(imagesOf)
  return {
    identities: sorted.length,
    minimum: sorted[0] ?? 0,
    maximum: sorted.at(-1) ?? 0,
    mean: meanOf(sorted),
    percentiles: PERCENTS.map((percent) => ({ percent, images: percentileOf(sorted, percent) })),
    bins: binsOf(sorted),
    reach: reachOf(sorted),
  }
}

function binsOf(sorted: Float64Array): Bin[] {
  const counts: number[] = []
  for (const images of sorted) {
    const bin = Math.floor(Math.log2(images))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const first = counts.findIndex((count) => count !== undefined)
  return Array.from({ length: counts.length }, (_, bin) => {
    const [from, to] = [2 ** bin, 2 ** (bin + 1)]
    return { from, to, count: counts[bin] ?? 0, name: bin === 0 ? '1' : `${from} to ${to - 1}` }
  }).slice(Math.max(0, first))
}

function reachOf(sorted: Float64Array): [number, number][] {
  const { length } = sorted
  if (length === 0) return []
  const steps: [number, number][] = sorted[0]! > 1 ? [[1, 1]] : []
  for (let i = 0; i < length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) steps.push([sorted[i]!, (length - i) / length])
  }
  steps.push([sorted.at(-1)! + 1, 0])
  if (steps.length <= MOST_STEPS) return steps
  const every = (steps.length - 1) / (MOST_STEPS - 1)
  return Array.from({ length: MOST_STEPS }, (_, i) => steps[Math.round(i * every)]!)
}
