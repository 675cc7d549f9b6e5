import type { Kernel } from '../kernel.js'

export const filterOthers: Kernel<'filterOthers'> = {
  forward({ graph }, node, [cosines, labels]) {
    const isHigh = graph.isAbove(cosines!, node.attributes.threshold)
    const isOwn = graph.isLabel(labels!, cosines!.shape[1]!)
    return {
      output: graph.select(isOwn, cosines!, graph.select(isHigh, 0, cosines!)),
      saved: [isOwn, isHigh],
    }
  },

  backward({ graph }, _node, [isOwn, isHigh], gradient) {
    return { inputs: [graph.select(isOwn!, gradient, graph.select(isHigh!, 0, gradient)), undefined] }
  },
}
