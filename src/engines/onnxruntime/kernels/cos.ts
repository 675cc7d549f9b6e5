import type { Kernel } from '../kernel.js'

export const cos: Kernel<'cos'> = {
  forward({ graph }, _node, [x]) {
    return { output: graph.unary('Cos', x!), saved: [x!] }
  },

  backward({ graph }, _node, [x], gradient) {
    // Its derivative -sin(x) as cos(x + pi/2): not every provider has Sin.
    const derivative = graph.unary('Cos', graph.add(x!, Math.PI / 2))
    return { inputs: [graph.multiply(gradient, derivative)] }
  },
}
