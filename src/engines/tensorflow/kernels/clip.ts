import type { Kernel } from '../kernel.js'

export const clip: Kernel<'clip'> = {
  forward({ graph }, node, [x]) {
    const output = graph.minimum(graph.maximum(x!, node.attributes.minimum), node.attributes.maximum)
    return { output, saved: [x!, output] }
  },

  backward({ graph }, _node, [x, output], gradient) {
    return { inputs: [graph.select(graph.isEqual(x!, output!), gradient, 0)] }
  },
}
