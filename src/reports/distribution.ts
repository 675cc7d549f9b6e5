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
  /** Without gaps: one for each number of images where these differ little, else 1, 2 to 3, 4 to 7 and so on. */
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

/** So many numbers of images, one beside the other, have a bin each. */
const MOST_SINGLE_BINS = 12

function binsOf(sorted: Float64Array): Bin[] {
  if (sorted.length > 0 && sorted.at(-1)! - sorted[0]! < MOST_SINGLE_BINS) return singleBins(sorted)
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

function singleBins(sorted: Float64Array): Bin[] {
  const first = sorted[0]!
  const bins = Array.from({ length: sorted.at(-1)! - first + 1 }, (_, i): Bin => {
    return { from: first + i, to: first + i + 1, count: 0, name: String(first + i) }
  })
  for (const images of sorted) bins[images - first]!.count++
  return bins
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
