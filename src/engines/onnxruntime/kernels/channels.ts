import type { Graph, Value } from '../graph.js'

/** factor * x + offset for each channel, in one pass: BatchNormalization with mean 0 and variance 1. */
export function affine(graph: Graph, x: Value, factor: Value, offset: Value): Value {
  const channels = x.shape[1]!
  const [zeros, ones] = [0, 1].map((value) => graph.inPrecision(graph.filled(channels, value), x.precision))
  return graph.node('BatchNormalization', [x, factor, offset, zeros, ones], x.shape, {
    epsilon: { float: 0 },
  })
}

/** [C] so that it multiplies the channels of x. */
export function alongChannels(graph: Graph, value: Value, x: Value): Value {
  return graph.reshape(value, [1, value.shape[0]!, ...x.shape.slice(2).map(() => 1)])
}

/** Every axis but that of the channels. */
export function reducedAxes(x: Value): number[] {
  return x.shape.map((_, axis) => axis).filter((axis) => axis !== 1)
}

/** Batch times pixels. */
export function elementsOfChannel(x: Value): number {
  return x.shape.reduce((product, size, axis) => (axis === 1 ? product : product * size), 1)
}
