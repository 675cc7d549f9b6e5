import type { Kernel } from '../kernel.js'

export const cos: Kernel<'cos'> = {
  forward({ graph }, _node, [x]) {
    return { output: graph.unary('Cos', x!), saved: [x!] }
  },

  backward({ graph }, _node, [x], gradient) {
    return { inputs: [graph.unary('Neg', graph.multiply(gradient, graph.unary('Sin', x!)))] }
  },
}
