import type { Value } from '../graph.js'
import type { Kernel } from '../kernel.js'

export const parameter: Kernel<'parameter'> = {
  forward({ parameters }, node) {
    return { output: parameters.get(node.name) as Value, saved: [] }
  },

  backward(_lowering, node, _saved, gradient) {
    return { inputs: [], parameters: new Map([[node.name, gradient]]) }
  },
}
