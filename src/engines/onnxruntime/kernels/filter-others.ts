import type { Kernel } from '../kernel.js'
import { isLabel } from './labels.js'

export const filterOthers: Kernel<'filterOthers'> = {
  forward({ graph }, node, [cosines, labels]) {
    const { shape } = cosines!
    const low = graph.subtract(1, graph.isAbove(cosines!, node.attributes.threshold))
    const mask = isLabel(graph, labels!, shape[1]!)
    const kept = graph.node('Where', [mask, graph.constant(1), low], shape)
    return { output: graph.multiply(cosines!, kept), saved: [kept] }
  },

  backward({ graph }, _node, [kept], gradient) {
    return { inputs: [graph.multiply(gradient, kept!), undefined] }
  },
}
