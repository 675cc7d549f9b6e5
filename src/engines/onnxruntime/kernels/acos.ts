import { SMALLEST_SQUARED_SINE } from '../../numeric-limits.js'
import type { Kernel } from '../kernel.js'

export const acos: Kernel<'acos'> = {
  forward({ graph }, _node, [x]) {
    return { output: graph.node('Acos', [x], x!.shape), saved: [x!] }
  },

  backward({ graph }, _node, [x], gradient) {
    // (1 - x)(1 + x) keeps the digits that 1 - x * x loses near 1.
    const squared = graph.multiply(graph.subtract(1, x!), graph.add(1, x!))
    const sine = graph.squareRoot(graph.maximum(squared, SMALLEST_SQUARED_SINE))
    return { inputs: [graph.negate(graph.divide(gradient, sine))] }
  },
}
