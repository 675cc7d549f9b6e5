import { UsageError } from '../errors/index.js'

/** The position of each label among the sampled centres, which are in ascending order. @throws UsageError for a label without */
export function positionsOf(labels: Int32Array, centres: Int32Array): Int32Array {
  return labels.map((label) => {
    let [low, high] = [0, centres.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (centres[middle]! < label) low = middle + 1
      else high = middle
    }
    if (centres[low] !== label)
      throw new UsageError(`step: label ${label} has no centre among the sampled ones`)
    return low
  })
}
