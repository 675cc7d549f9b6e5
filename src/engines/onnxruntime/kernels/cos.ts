import type { Kernel } from '../kernel.js'

export const cos: Kernel<'cos'> = {
  forward({ graph }, _node, [x]) {
    return { output: graph.node('Cos', [x], x!.shape), saved: [x!] }
  },

  backward({ graph }, _node, [x], gradient) {
    // Its derivative -sin(x) as cos(x + pi/2): not every provider has Sin.
    const derivative = graph.node('Cos', [graph.add(x!, Math.PI / 2)], x!.shape)
    return { inputs: [graph.multiply(gradient, derivative)] }
  },
}
