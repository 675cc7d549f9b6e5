import { type Kernel, parameterOf } from '../kernel.js'

export const linear: Kernel<'linear'> = {
  forward(lowering, node, [x]) {
    const { graph } = lowering
    const weight = graph.cast(parameterOf(lowering, node, 'weight'), x!.type)
    const product = graph.matmul(x!, weight, { b: true })
    if (!node.attributes.bias) return { output: product, saved: [x!, weight] }
    const bias = graph.cast(parameterOf(lowering, node, 'bias'), x!.type)
    return { output: graph.add(product, bias), saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    const weightGradient = graph.cast(graph.matmul(gradient, x!, { a: true }), 'float32')
    const parameters = new Map([[`${node.name}.weight`, weightGradient]])
    if (node.attributes.bias) {
      parameters.set(`${node.name}.bias`, graph.reduceSum(graph.cast(gradient, 'float32'), [0]))
    }
    return { inputs: [graph.matmul(gradient, weight!)], parameters }
  },
}
