import type { CommonKernel } from '../kernel.js'

export const matmul: CommonKernel<'matmul'> = {
  forward({ graph }, _node, [a, b]) {
    return { output: graph.matmul(a!, b!, { b: true }), saved: [a!, b!] }
  },

  backward({ graph }, _node, [a, b], gradient) {
    return { inputs: [graph.matmul(gradient, b!), graph.matmul(gradient, a!, { a: true })] }
  },
}
