import type { CommonKernel } from '../kernel.js'
import { SMALLEST_DIVISOR } from '../numeric-limits.js'

export const l2Norm: CommonKernel<'l2Norm'> = {
  forward({ graph }, _node, [x]) {
    const output = graph.unary('Sqrt', graph.reduceSumSquare(x!, [1], true))
    return { output, saved: [x!, output] }
  },

  backward({ graph }, _node, [x, length], gradient) {
    return { inputs: [graph.multiply(x!, graph.divide(gradient, graph.maximum(length!, SMALLEST_DIVISOR)))] }
  },
}
