import { elementCount } from '../../network/index.js'
import type { Graph, Value } from './graph.js'

/**
 * The L2 norm over all gradients together, a scalar. They come in the order in which the backward pass can have them.
 */
export function gradientNorm(graph: Graph, gradients: readonly Value[]): Value {
  // The runtime walks from the results to what they need, of a node's inputs the one made last first. In this order it
  // ends each layer's backward pass, and lets go of what it holds, before it begins the next.
  const squares = gradients.toReversed().map((gradient) => {
    return graph.reduceSumSquare(graph.reshape(gradient, [elementCount(gradient.shape)]), [0], true)
  })
  const all = graph.node('Concat', squares, [squares.length], { axis: 0 })
  return graph.unary('Sqrt', graph.reduceSum(all, [0]))
}
