/** Numbers of images of the identities that have any, the fewest first. */
export function sortedCounts(imagesOf: ArrayLike<number>): Float64Array {
  return Float64Array.from(imagesOf)
    .filter((images) => images > 0)
    .sort()
}

/** By nearest rank: so many percent of the identities have so many images at most; 0 where there are none. */
export function percentileOf(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)] ?? 0
}

/** 0 where there are none. */
export function meanOf(counts: Float64Array): number {
  return counts.length === 0 ? 0 : counts.reduce((sum, count) => sum + count, 0) / counts.length
}
