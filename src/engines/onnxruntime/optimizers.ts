import type { SgdOptions } from '../../network/index.js'
import type { Graph, Value } from './graph.js'

/** One trained parameter on its way through the optimizer, every tensor with its elements in one axis. */
export interface Update {
  parameter: Value
  momentum: Value
  gradient: Value
}

/** Added to the norm before it divides, as PyTorch's `clip_grad_norm_`. */
const NORM_EPSILON = 1e-6

/**
 * The L2 norm over all gradients together, a scalar, and the gradients scaled down to `limit` where it is above.
 * Each gradient has one axis.
 */
export function clipByNorm(
  graph: Graph,
  gradients: ReadonlyMap<string, Value>,
  limit: number,
): { norm: Value; clipped: ReadonlyMap<string, Value> } {
  const squares = [...gradients.values()].map((gradient) => graph.reduceSumSquare(gradient, [0], true))
  const all = graph.node('Concat', squares, [squares.length], { axis: 0 })
  const norm = graph.squareRoot(graph.reduceSum(all, [0]))
  const factor = graph.minimum(graph.divide(limit, graph.add(norm, NORM_EPSILON)), 1)
  const clipped = new Map<string, Value>()
  for (const [name, gradient] of gradients) clipped.set(name, graph.multiply(gradient, factor))
  return { norm, clipped }
}

/** SGD with momentum and coupled weight decay, as PyTorch's. A momentum of zeros makes its first step. */
export function sgd(
  graph: Graph,
  { momentum: factor, weightDecay }: SgdOptions,
  learningRate: Value,
  { parameter, momentum, gradient }: Update,
): { parameter: Value; momentum: Value } {
  const decayed = weightDecay === 0 ? gradient : graph.add(gradient, graph.multiply(parameter, weightDecay))
  const next = graph.add(graph.multiply(momentum, factor), decayed)
  return { parameter: graph.subtract(parameter, graph.multiply(next, learningRate)), momentum: next }
}
