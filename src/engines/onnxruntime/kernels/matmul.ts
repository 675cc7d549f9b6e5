import type { Kernel } from '../kernel.js'

export const matmul: Kernel<'matmul'> = {
  forward({ graph }, _node, [a, b]) {
    return { output: graph.gemm(a!, b!, { b: true }), saved: [a!, b!] }
  },

  backward({ graph }, _node, [a, b], gradient) {
    return { inputs: [graph.gemm(gradient, b!), graph.gemm(gradient, a!, { a: true })] }
  },
}
