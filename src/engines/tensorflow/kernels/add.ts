import type { Kernel } from '../kernel.js'

export const add: Kernel<'add'> = {
  forward({ graph }, _node, [a, b]) {
    return { output: graph.add(a!, b!), saved: [] }
  },

  backward(_lowering, _node, _saved, gradient) {
    return { inputs: [gradient, gradient] }
  },
}
