import { NORM_EPSILON } from '../gradient-clipping.js'
import type { Graph, Value } from './graph.js'

/** The L2 norm over all gradients together, a scalar. Each gradient has one axis. */
export function gradientNorm(graph: Graph, gradients: readonly Value[]): Value {
  const squares = gradients.map((gradient) => graph.reduceSumSquare(gradient, [0], true))
  const all = graph.node('Concat', squares, [squares.length], { axis: 0 })
  return graph.squareRoot(graph.reduceSum(all, [0]))
}

/** What gradients of this norm are multiplied by, so that their norm is at most `limit`. */
export function clippingFactor(graph: Graph, norm: Value, limit: number): Value {
  return graph.minimum(graph.divide(limit, graph.add(norm, NORM_EPSILON)), 1)
}
