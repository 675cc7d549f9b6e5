import type { AxisPlacement } from './placement.js'

/** Lobes of the window on each side. */
const LOBES = 3

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
 * Lanczos' window of 3 lobes over `span` source pixels for each stretch of outputs; where the image shrinks, the window
 * is as much wider. Beyond the edge of the image there is nothing: the weights inside are scaled to sum to 1.
 * @param multiple `count` is made one of this by weights of 0
 */
export function lanczosTaps(axis: AxisPlacement, multiple: number): Taps {
  const { source, from, span, outputs } = axis
  const name = `${source} ${from} ${span} ${outputs} ${multiple}`
  let taps = kept.get(name)
  if (taps === undefined) {
    if (kept.size === MOST_SETS) kept.clear()
    taps = makeTaps(axis, multiple)
    kept.set(name, taps)
  }
  return taps
}

function makeTaps({ source, from, span, outputs }: AxisPlacement, multiple: number): Taps {
  const scale = span / outputs
  const stretch = Math.max(1, scale)
  const reach = LOBES * stretch
  const needed = Math.min(source, Math.floor(2 * reach) + 1)
  const count = Math.ceil(needed / multiple) * multiple
  const starts = new Int32Array(outputs)
  const weights = new Int16Array(outputs * count)
  const exact = new Float64Array(count)
  for (let output = 0; output < outputs; output++) {
    const centre = from + (output + 0.5) * scale
    const begin = Math.max(0, Math.ceil(centre - reach - 0.5))
    const end = Math.min(source, Math.ceil(centre + reach - 0.5))
    const start = Math.max(0, Math.min(begin, source - count))
    exact.fill(0)
    for (let pixel = begin; pixel < end; pixel++) {
      exact[pixel - start] = lanczos((pixel + 0.5 - centre) / stretch)
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

function lanczos(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= LOBES) return 0
  const angle = Math.PI * x
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle)
}
