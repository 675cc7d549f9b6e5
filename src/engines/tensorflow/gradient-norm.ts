import type { Graph, Value } from './graph.js'

/** The L2 norm over all gradients together, a scalar. */
export function gradientNorm(graph: Graph, gradients: readonly Value[]): Value {
  const halves = gradients.map((gradient) => graph.operator('L2Loss', [gradient], []))
  const all = graph.operator('Pack', halves, [halves.length], { N: halves.length, axis: 0 })
  return graph.unary('Sqrt', graph.multiply(graph.reduceSum(all, [0]), 2))
}
