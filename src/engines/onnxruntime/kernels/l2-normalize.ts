import { SMALLEST_LENGTH } from '../../numeric-limits.js'
import type { Kernel } from '../kernel.js'

export const l2Normalize: Kernel<'l2Normalize'> = {
  forward({ graph }, _node, [x]) {
    const length = graph.maximum(graph.squareRoot(graph.reduceSumSquare(x!, [1], true)), SMALLEST_LENGTH)
    const output = graph.divide(x!, length)
    return { output, saved: [output, length] }
  },

  backward({ graph }, _node, [unit, length], gradient) {
    const along = graph.reduceSum(graph.multiply(gradient, unit!), [1], true)
    const across = graph.subtract(gradient, graph.multiply(unit!, along))
    return { inputs: [graph.divide(across, length!)] }
  },
}
