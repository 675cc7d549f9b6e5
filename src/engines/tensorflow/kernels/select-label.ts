import type { Kernel } from '../kernel.js'
import { atLabel, isLabel } from './labels.js'

export const selectLabel: Kernel<'selectLabel'> = {
  forward({ graph }, _node, [x, labels]) {
    return { output: atLabel(graph, x!, labels!), saved: [x!, labels!] }
  },

  backward({ graph }, _node, [x, labels], gradient) {
    return { inputs: [graph.select(isLabel(graph, labels!, x!.shape[1]!), gradient, 0), undefined] }
  },
}
