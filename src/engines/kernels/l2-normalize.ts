import type { CommonKernel } from '../kernel.js'
import { SMALLEST_LENGTH } from '../numeric-limits.js'

export const l2Normalize: CommonKernel<'l2Normalize'> = {
  forward({ graph }, _node, [x]) {
    const square = graph.reduceSumSquare(x!, [1], true)
    const length = graph.maximum(graph.unary('Sqrt', square), SMALLEST_LENGTH)
    const output = graph.divide(x!, length)
    return { output, saved: [output, length] }
  },

  backward({ graph }, _node, [unit, length], gradient) {
    const along = graph.reduceSum(graph.multiply(gradient, unit!), [1], true)
    const across = graph.subtract(gradient, graph.multiply(unit!, along))
    return { inputs: [graph.divide(across, length!)] }
  },
}
