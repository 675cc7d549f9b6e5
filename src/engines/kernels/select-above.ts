import type { CommonKernel } from '../kernel.js'

export const selectAbove: CommonKernel<'selectAbove'> = {
  forward({ graph }, node, [condition, above, below]) {
    const isAbove = graph.isAbove(condition!, node.attributes.threshold)
    return { output: graph.select(isAbove, above!, below!), saved: [isAbove] }
  },

  backward({ graph }, _node, [isAbove], gradient) {
    return {
      inputs: [undefined, graph.select(isAbove!, gradient, 0), graph.select(isAbove!, 0, gradient)],
    }
  },
}
