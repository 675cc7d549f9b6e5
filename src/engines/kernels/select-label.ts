import type { CommonKernel } from '../kernel.js'

export const selectLabel: CommonKernel<'selectLabel'> = {
  forward({ graph }, _node, [x, labels]) {
    return { output: graph.atLabel(x!, labels!), saved: [x!, labels!] }
  },

  backward({ graph }, _node, [x, labels], gradient) {
    return { inputs: [graph.select(graph.isLabel(labels!, x!.shape[1]!), gradient, 0), undefined] }
  },
}
