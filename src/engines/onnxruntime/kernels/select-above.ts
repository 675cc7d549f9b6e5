import type { Kernel } from '../kernel.js'

export const selectAbove: Kernel<'selectAbove'> = {
  forward({ graph }, node, [condition, above, below]) {
    const threshold = graph.constant(node.attributes.threshold)
    const isAbove = graph.node('Greater', [condition, threshold], condition!.shape)
    return { output: graph.node('Where', [isAbove, above, below], above!.shape), saved: [isAbove] }
  },

  backward({ graph }, _node, [isAbove], gradient) {
    const zero = graph.constant(0)
    return {
      inputs: [
        undefined,
        graph.node('Where', [isAbove, gradient, zero], gradient.shape),
        graph.node('Where', [isAbove, zero, gradient], gradient.shape),
      ],
    }
  },
}
