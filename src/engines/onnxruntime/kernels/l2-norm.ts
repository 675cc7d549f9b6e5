import type { Kernel } from '../kernel.js'

/** The gradient at the zero vector is 0, as PyTorch's. */
const SMALLEST_LENGTH = 1e-30

export const l2Norm: Kernel<'l2Norm'> = {
  forward({ graph }, _node, [x]) {
    const output = graph.squareRoot(graph.reduceSumSquare(x!, [1], true))
    return { output, saved: [x!, output] }
  },

  backward({ graph }, _node, [x, length], gradient) {
    return { inputs: [graph.multiply(x!, graph.divide(gradient, graph.maximum(length!, SMALLEST_LENGTH)))] }
  },
}
