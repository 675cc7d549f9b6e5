import { type CommonKernel, parameterOf } from '../kernel.js'

export const linear: CommonKernel<'linear'> = {
  forward(lowering, node, [x]) {
    const { graph } = lowering
    const parameter = (suffix: string) => graph.castLike(parameterOf(lowering, node, suffix), x!)
    const weight = parameter('weight')
    const product = graph.matmul(x!, weight, { b: true })
    const output = node.attributes.bias ? graph.add(product, parameter('bias')) : product
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    const parameters = new Map([[`${node.name}.weight`, graph.matmul(gradient, x!, { a: true })]])
    if (node.attributes.bias) parameters.set(`${node.name}.bias`, graph.reduceSum(gradient, [0]))
    return { inputs: [graph.matmul(gradient, weight!)], parameters }
  },
}
