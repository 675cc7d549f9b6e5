import type { CommonKernel } from '../kernel.js'

export const add: CommonKernel<'add'> = {
  forward({ graph }, _node, [a, b]) {
    return { output: graph.add(a!, b!), saved: [] }
  },

  backward(_lowering, _node, _saved, gradient) {
    return { inputs: [gradient, gradient] }
  },
}
