import type { OperationAttributes } from '../../../../network/index.js'
import type { Graph, Value } from '../../graph.js'
import { asBlocked, asRowMajor, exchangedFilter, turnedFilter } from '../layout.js'
import { convolution, spread } from '../operators.js'

/**
 * The input gradient of a dense convolution with stride 2. Where the height and width are even and the kernel is larger
 * than 1, as four convolutions, one for each parity of row and column, each with the taps that meet it, in place of one
 * over an image of which three quarters are zeros: a quarter of the products.
 */
export function stridedInputGradient(
  graph: Graph,
  attributes: OperationAttributes['conv2d'],
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { kernel, padding } = attributes
  const block = x.block!
  if (kernel === 1) {
    const filter = turnedFilter(graph, weight, block)
    return spread(graph, convolution(graph, gradient, filter, { kernel: [1, 1] }, block))
  }
  if (x.shape[2]! % 2 === 1 || x.shape[3]! % 2 === 1) {
    const size = { kernel: [kernel, kernel] as const, pads: spreadPads(x, gradient, padding) }
    return convolution(graph, spread(graph, gradient), turnedFilter(graph, weight, block), size, block)
  }
  const rows = [0, 1].map((row) => {
    const columns = [0, 1].map((column) => parityGradient(graph, attributes, weight, gradient, [row, column]))
    return interleaved(graph, columns, [-1, gradient.shape[3]!, 1, block])
  })
  const [, , height, width] = gradient.shape as [number, number, number, number]
  return asBlocked(graph, interleaved(graph, rows, [-1, height, 1, 2 * width * block]), x.shape, block)
}

/** Padding with which the turned filter takes the spread gradient to the size of x. */
export function spreadPads(x: Value, gradient: Value, padding: number): [number, number, number, number] {
  const end = (axis: number) => padding + x.shape[axis]! - 2 * gradient.shape[axis]!
  return [padding, padding, end(2), end(3)]
}

/** The gradient of the pixels with this parity of row and column. */
function parityGradient(
  graph: Graph,
  { kernel, padding }: OperationAttributes['conv2d'],
  weight: Value,
  gradient: Value,
  parity: readonly [number, number],
): Value {
  const [top, left] = parity.map((side) => meetingTaps(kernel, padding, side)) as [Taps, Taps]
  const taps = top.taps.flatMap((row) => left.taps.map((column) => row * kernel + column))
  const size = [top.taps.length, left.taps.length] as const
  const filter = exchangedFilter(graph, weight, gradient.block!, { taps, size })
  const pads = [top.before, left.before, size[0] - 1 - top.before, size[1] - 1 - left.before] as const
  return convolution(graph, gradient, filter, { kernel: size, pads }, gradient.block!)
}

interface Taps {
  /** In the order of the gradient's pixels that they meet. */
  taps: number[]
  /** Pixels of the gradient before the own one among them. */
  before: number
}

/** Along one axis: pixel 2i + parity met tap t in output i + (parity + padding - t) / 2. */
function meetingTaps(kernel: number, padding: number, parity: number): Taps {
  const taps = Array.from({ length: kernel }, (_, index) => kernel - 1 - index).filter(
    (tap) => (parity + padding - tap) % 2 === 0,
  )
  return { taps, before: (taps[0]! - padding - parity) / 2 }
}

/** Two values of this shape, where axis 2 is 1, in turn along it. */
function interleaved(graph: Graph, [first, second]: readonly Value[], shape: readonly number[]): Value {
  const views = [first!, second!].map((value) => asRowMajor(graph, value, shape))
  return graph.node('Concat', views, [shape[0]!, shape[1]!, 2, shape[3]!], { axis: 2 })
}
