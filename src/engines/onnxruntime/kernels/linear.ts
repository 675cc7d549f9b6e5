import { type Kernel, parameterOf } from '../kernel.js'

export const linear: Kernel<'linear'> = {
  forward(lowering, node, [x]) {
    const weight = parameterOf(lowering, node, 'weight')
    return { output: lowering.graph.gemm(x!, weight, { b: true }), saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    return {
      inputs: [graph.gemm(gradient, weight!)],
      parameters: new Map([[`${node.name}.weight`, graph.gemm(gradient, x!, { a: true })]]),
    }
  },
}
