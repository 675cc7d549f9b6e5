import { type Kernel, parameterOf } from '../kernel.js'

export const linear: Kernel<'linear'> = {
  forward(lowering, node, [x]) {
    const { graph } = lowering
    const weight = parameterOf(lowering, node, 'weight')
    const product = graph.gemm(x!, weight, { b: true })
    const output = node.attributes.bias ? graph.add(product, parameterOf(lowering, node, 'bias')) : product
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    const parameters = new Map([[`${node.name}.weight`, graph.gemm(gradient, x!, { a: true })]])
    if (node.attributes.bias) parameters.set(`${node.name}.bias`, graph.reduceSum(gradient, [0]))
    return { inputs: [graph.gemm(gradient, weight!)], parameters }
  },
}
