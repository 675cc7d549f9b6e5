import type { CommonKernel } from '../kernel.js'
import { SMALLEST_SQUARED_SINE } from '../numeric-limits.js'

export const acos: CommonKernel<'acos'> = {
  forward({ graph }, _node, [x]) {
    return { output: graph.unary('Acos', x!), saved: [x!] }
  },

  backward({ graph }, _node, [x], gradient) {
    // (1 - x)(1 + x) keeps the digits that 1 - x * x loses near 1.
    const squared = graph.multiply(graph.subtract(1, x!), graph.add(1, x!))
    const sine = graph.unary('Sqrt', graph.maximum(squared, SMALLEST_SQUARED_SINE))
    return { inputs: [graph.unary('Neg', graph.divide(gradient, sine))] }
  },
}
