import type { Kernel } from '../kernel.js'
import { atLabel, isLabel } from './labels.js'

export const replaceLabel: Kernel<'replaceLabel'> = {
  forward({ graph }, _node, [x, target, labels]) {
    const mask = isLabel(graph, labels!, x!.shape[1]!)
    return { output: graph.node('Where', [mask, target, x], x!.shape), saved: [mask, labels!] }
  },

  backward({ graph }, _node, [mask, labels], gradient) {
    const others = graph.node('Where', [mask, graph.constant(0), gradient], gradient.shape)
    return { inputs: [others, atLabel(graph, gradient, labels!), undefined] }
  },
}
