import { parameterOf } from '../../kernel.js'
import type { Kernel } from '../kernel.js'
import { affine, reducedAxes } from './channels.js'

/**
 * In training the slope of each element, 1 or the channel's, is computed once and multiplies both ways: on the CPU
 * provider that is faster than PRelu forward and several times faster than Where backward.
 */
export const prelu: Kernel<'prelu'> = {
  forward(lowering, node, [x]) {
    const { graph, training } = lowering
    const weight = graph.castLike(parameterOf(lowering, node, 'weight'), x!)
    if (!training) {
      const slopes = graph.reshape(weight, [weight.shape[0]!, ...x!.shape.slice(2).map(() => 1)])
      return { output: graph.node('PRelu', [x, slopes], x!.shape), saved: [] }
    }
    const positive = graph.toFloat(graph.isAbove(x!, 0), x!.precision)
    const slopes = affine(graph, positive, graph.subtract(1, weight), weight)
    return { output: graph.multiply(x!, slopes), saved: [x!, slopes] }
  },

  backward({ graph }, node, [x, slopes], gradient) {
    const negativePart = graph.clip(x!, undefined, 0)
    return {
      inputs: [graph.multiply(gradient, slopes!)],
      parameters: new Map([
        [`${node.name}.weight`, graph.reduceSum(graph.multiply(gradient, negativePart), reducedAxes(x!))],
      ]),
    }
  },
}
