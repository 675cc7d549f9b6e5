import type { Kernel } from '../kernel.js'
import { atLabel, isLabel } from './labels.js'

export const replaceLabel: Kernel<'replaceLabel'> = {
  forward({ graph }, _node, [x, target, labels]) {
    const isOwn = isLabel(graph, labels!, x!.shape[1]!)
    return { output: graph.select(isOwn, target!, x!), saved: [isOwn, labels!] }
  },

  backward({ graph }, _node, [isOwn, labels], gradient) {
    return { inputs: [graph.select(isOwn!, 0, gradient), atLabel(graph, gradient, labels!), undefined] }
  },
}
