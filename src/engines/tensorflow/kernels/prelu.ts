import { parameterOf } from '../../kernel.js'
import { alongChannels, loopSums } from '../images.js'
import type { Kernel } from '../kernel.js'

export const prelu: Kernel<'prelu'> = {
  forward(lowering, node, [x]) {
    const { graph } = lowering
    const slopes = alongChannels(graph, graph.cast(parameterOf(lowering, node, 'weight'), x!.type), x!)
    const isPositive = graph.isAbove(x!, 0)
    const output = graph.select(isPositive, x!, graph.multiply(x!, slopes))
    return { output, saved: [x!, slopes, isPositive] }
  },

  backward({ graph }, node, [x, slopes, isPositive], gradient) {
    const products = graph.multiply(gradient, graph.minimum(graph.again(x!), 0))
    const slopeGradient = loopSums(graph, graph.cast(products, 'float32'))
    const input = graph.anew(() => {
      const isKept = x!.again === undefined ? isPositive! : graph.isAbove(graph.again(x!), 0)
      return graph.select(isKept, gradient, graph.multiply(gradient, slopes!))
    })
    return { inputs: [input], parameters: new Map([[`${node.name}.weight`, slopeGradient]]) }
  },
}
