import { meanOf, percentileOf, sortedCounts } from '../../dataset/index.js'

/** How images are spread over the identities that have any. */
export interface Distribution {
  minimum: number
  median: number
  maximum: number
  mean: number
  /** By nearest rank: so many percent of the identities have at most so many images. */
  percentiles: Record<(typeof PERCENTILES)[number], number>
  /** From the minimum to the maximum, without gaps. */
  histogram: HistogramBar[]
}

/** Identities with `from` to `to` images, both included. */
export interface HistogramBar {
  from: number
  to: number
  identities: number
}

const PERCENTILES = [5, 25, 75, 95] as const

/** A range of so many numbers has a bar for each; a wider one has two for each doubling. */
const MOST_SINGLE_BARS = 32

/** @param images of each identity; those with none are left out */
export function distributionOf(images: ArrayLike<number>): Distribution {
  const counts = sortedCounts(images)
  const rank = (percent: number) => percentileOf(counts, percent)
  return {
    minimum: counts[0] ?? 0,
    median: rank(50),
    maximum: counts.at(-1) ?? 0,
    mean: meanOf(counts),
    percentiles: { 5: rank(5), 25: rank(25), 75: rank(75), 95: rank(95) },
    histogram: histogramOf(counts),
  }
}

function histogramOf(sorted: Float64Array): HistogramBar[] {
  if (sorted.length === 0) return []
  const starts = barStarts(sorted[0]!, sorted.at(-1)!)
  let next = 0
  return starts.map((from, bar) => {
    const to = (starts[bar + 1] ?? sorted.at(-1)! + 1) - 1
    const first = next
    while (next < sorted.length && sorted[next]! <= to) next++
    return { from, to, identities: next - first }
  })
}

function barStarts(minimum: number, maximum: number): number[] {
  if (maximum - minimum < MOST_SINGLE_BARS) {
    return Array.from({ length: maximum - minimum + 1 }, (_, i) => minimum + i)
  }
  const starts = [minimum]
  for (let power = 1; ; power++) {
    const start = Math.round(2 ** (power / 2))
    if (start > maximum) return starts
    if (start > starts.at(-1)!) starts.push(start)
  }
}
