import type { Kernel } from '../kernel.js'

export const clip: Kernel<'clip'> = {
  forward({ graph }, node, [x]) {
    const output = graph.clip(x!, node.attributes.minimum, node.attributes.maximum)
    return { output, saved: [x!, output] }
  },

  backward({ graph }, _node, [x, output], gradient) {
    return { inputs: [graph.multiply(gradient, graph.isEqual(x!, output!))] }
  },
}
