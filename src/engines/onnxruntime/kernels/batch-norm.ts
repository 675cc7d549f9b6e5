import { parameterOf } from '../../kernel.js'
import { runningStatistics } from '../../running-statistics.js'
import type { Value } from '../graph.js'
import type { Kernel } from '../kernel.js'
import { affine, alongChannels, elementsOfChannel, reducedAxes } from './channels.js'

/**
 * The variance is taken of the centred values, a second pass: as mean of squares minus square of the mean it would
 * lose every digit for a channel whose mean is large against its spread.
 */
export const batchNorm: Kernel<'batchNorm'> = {
  forward(lowering, node, [x]) {
    const { graph, training } = lowering
    const { epsilon } = node.attributes
    const parameter = (suffix: string) => parameterOf(lowering, node, suffix)
    const [weight, bias] = [parameter('weight'), parameter('bias')]
    const normalize = (value: Value, mean: Value, variance: Value) =>
      graph.node('BatchNormalization', [value, weight, bias, mean, variance], x!.shape, {
        epsilon: { float: epsilon },
      })
    if (!training) {
      return { output: normalize(x!, parameter('running_mean'), parameter('running_var')), saved: [] }
    }

    const channels = x!.shape[1]!
    const axes = reducedAxes(x!)
    const count = elementsOfChannel(x!)
    const mean = graph.reduceMean(x!, axes, true)
    const centred = graph.subtract(x!, mean)
    const variance = graph.multiply(graph.reduceSumSquare(centred, axes), 1 / count)
    const zeros = graph.filled(channels, 0)
    const inverse = graph.unary('Reciprocal', graph.unary('Sqrt', graph.add(variance, epsilon)))
    return {
      output: normalize(centred, zeros, variance),
      saved: [centred, inverse, weight],
      buffers: runningStatistics<Value>(lowering, node, {
        ...{ mean: graph.reshape(mean, [channels]), variance },
        unbiased: count / Math.max(count - 1, 1),
      }),
    }
  },

  backward({ graph }, node, [centred, inverse, weight], gradient) {
    const axes = reducedAxes(gradient)
    const count = elementsOfChannel(gradient)
    const biasGradient = graph.reduceSum(gradient, axes)
    const correlation = graph.reduceSum(graph.multiply(gradient, centred!), axes)
    const weightGradient = graph.multiply(correlation, inverse!)

    // dx = weight * inverse * (g - mean(g) - centred * inverse^2 * mean(g * centred))
    const factor = graph.multiply(weight!, inverse!)
    const offset = graph.multiply(graph.multiply(factor, biasGradient), -1 / count)
    const slope = graph.multiply(
      graph.multiply(graph.multiply(factor, graph.multiply(inverse!, inverse!)), correlation),
      -1 / count,
    )
    const scaled = affine(graph, gradient, factor, offset)
    const input = graph.add(scaled, graph.multiply(centred!, alongChannels(graph, slope, centred!)))
    return {
      inputs: [input],
      parameters: new Map([
        [`${node.name}.weight`, weightGradient],
        [`${node.name}.bias`, biasGradient],
      ]),
    }
  },
}
