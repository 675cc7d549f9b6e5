import type { Filter } from './filters.js'
import type { AxisPlacement } from './placement.js'

/** 1 as the kernels have it: 14 bits behind the point. */
const ONE = 1 << 14

/** Weights by which the pixels of one axis are resampled. */
export interface Taps {
  /** Source pixels that each output is made of. */
  count: number
  /** First source pixel of each output. */
  starts: Int32Array
  /** int16 [outputs, count]; the weights of an output sum to 1. */
  weights: Int16Array
}

/** Sets kept: those of both axes for images of some hundred shapes. */
const MOST_SETS = 1024

const kept = new Map<string, Taps>()

/**
 * A filter over `span` source pixels for each stretch of outputs; where the image shrinks, the filter is as much wider.
 * The weights of an output are scaled to sum to 1, whatever of the filter lies beyond the edge.
 * @param multiple `count` is made one of this by weights of 0
 */
export function tapsOf(axis: AxisPlacement, filter: Filter, multiple: number): Taps {
  const { source, from, span, outputs } = axis
  const name = `${filter.name} ${source} ${from} ${span} ${outputs} ${multiple}`
  let taps = kept.get(name)
  if (taps === undefined) {
    if (kept.size === MOST_SETS) kept.clear()
    taps = makeTaps(axis, filter, multiple)
    kept.set(name, taps)
  }
  return taps
}

function makeTaps({ source, from, span, outputs }: AxisPlacement, filter: Filter, multiple: number): Taps {
  const scale = span / outputs
  const stretch = Math.max(1, scale)
  const reach = filter.reach * stretch
  const needed = Math.min(source, Math.floor(2 * reach) + 1)
  const count = Math.ceil(needed / multiple) * multiple
  const starts = new Int32Array(outputs)
  const weights = new Int16Array(outputs * count)
  const exact = new Float64Array(count)
  for (let output = 0; output < outputs; output++) {
    const centre = from + (output + 0.5) * scale
    const begin = Math.ceil(centre - reach - 0.5)
    const end = Math.ceil(centre + reach - 0.5)
    const start = Math.max(0, Math.min(begin, source - count))
    exact.fill(0)
    for (let pixel = begin; pixel < end; pixel++) {
      const inside = pixel >= 0 && pixel < source ? pixel : filter.beyondEdge?.(pixel, source)
      if (inside !== undefined) exact[inside - start]! += filter.weight((pixel + 0.5 - centre) / stretch)
    }
    starts[output] = start
    quantise(exact, weights.subarray(output * count, (output + 1) * count))
  }
  return { count, starts, weights }
}

/** To whole numbers that sum to `ONE`: what rounding leaves goes to the largest, so that a flat area stays as it is. */
function quantise(exact: Float64Array, weights: Int16Array): void {
  const sum = exact.reduce((a, b) => a + b, 0)
  let left = ONE
  let largest = 0
  for (let i = 0; i < exact.length; i++) {
    const weight = Math.round((exact[i]! / sum) * ONE)
    weights[i] = weight
    left -= weight
    if (weight > weights[largest]!) largest = i
  }
  weights[largest]! += left
}
