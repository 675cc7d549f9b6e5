import type { CommonKernel } from '../kernel.js'

export const replaceLabel: CommonKernel<'replaceLabel'> = {
  forward({ graph }, _node, [x, target, labels]) {
    const isOwn = graph.isLabel(labels!, x!.shape[1]!)
    return { output: graph.select(isOwn, target!, x!), saved: [isOwn, labels!] }
  },

  backward({ graph }, _node, [isOwn, labels], gradient) {
    return { inputs: [graph.select(isOwn!, 0, gradient), graph.atLabel(gradient, labels!), undefined] }
  },
}
