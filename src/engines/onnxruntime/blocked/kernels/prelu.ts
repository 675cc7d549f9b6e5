import { parameterOf } from '../../../kernel.js'
import type { Graph, Value } from '../../graph.js'
import { arriveBlocked, type BlockedKernel } from '../blocked-kernel.js'
import { affine, channelProducts } from '../operators.js'

/** Multiplies values before they are cut to 0 and 1: what is positive by any float32 above 1e-20 becomes 1. */
const STEEP = 1e20

/**
 * As slope * x + (1 - slope) * max(x, 0), right for slopes above 1 as well: three passes, each several times faster than
 * the operator PRelu.
 */
export const prelu: BlockedKernel<'prelu'> = {
  accepts: (_node, inputs) => arriveBlocked(inputs),

  forward(lowering, node, [x]) {
    const slope = parameterOf(lowering, node, 'weight')
    const one = lowering.graph.filled(x!.shape[1]!, 1)
    return { output: preluOfAffine(lowering.graph, x!, { factor: one, slope }), saved: [x!, slope] }
  },

  backward({ graph }, node, [x, slope], gradient) {
    const passed = positivePart(graph, gradient, x!, { factor: graph.filled(x!.shape[1]!, 1) })
    const scaled = affine(graph, gradient, slope!)
    const products = (value: Value) => channelProducts(graph, value, x!)
    return {
      inputs: [affine(graph, passed, graph.subtract(1, slope!), { sum: scaled })],
      parameters: new Map([[`${node.name}.weight`, graph.subtract(products(gradient), products(passed))]]),
    }
  },
}

/** PReLU of factor * x + offset, which is not kept. */
export function preluOfAffine(
  graph: Graph,
  x: Value,
  { factor, offset, slope }: { factor: Value; offset?: Value; slope: Value },
): Value {
  const positive = affine(graph, x, factor, { bias: offset, activation: 'relu' })
  const line = affine(graph, x, graph.multiply(factor, slope), {
    bias: offset === undefined ? undefined : graph.multiply(offset, slope),
  })
  return affine(graph, positive, graph.subtract(1, slope), { sum: line })
}

/** The gradient where factor * x + offset is above 0, else 0. */
export function positivePart(
  graph: Graph,
  gradient: Value,
  x: Value,
  { factor, offset }: { factor: Value; offset?: Value },
): Value {
  const isPositive = affine(graph, x, graph.multiply(factor, STEEP), {
    bias: offset === undefined ? undefined : graph.multiply(offset, STEEP),
    activation: { minimum: 0, maximum: 1 },
  })
  return graph.multiply(gradient, isPositive)
}
