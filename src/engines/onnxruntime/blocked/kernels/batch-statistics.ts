import type { NodeOf } from '../../../../network/index.js'
import { parameterOf } from '../../../kernel.js'
import { runningStatistics } from '../../../running-statistics.js'
import type { Graph, Value } from '../../graph.js'
import type { Lowering } from '../../kernel.js'
import { elementsOfChannel } from '../../kernels/channels.js'
import { affine, channelProducts, channelSums } from '../operators.js'

export interface BatchStatistics {
  /** x less the mean of each channel. */
  centred: Value
  /** 1 / sqrt(variance + epsilon), [C]. */
  inverse: Value
  /** inverse * weight, [C]. */
  factor: Value
  /** The running statistics after this batch. */
  buffers: ReadonlyMap<string, Value>
}

/**
 * The variance is taken of the centred values, a pass more: as mean of squares minus square of the mean it would lose
 * every digit for a channel whose mean is large against its spread.
 */
export function batchStatistics(lowering: Lowering, node: NodeOf<'batchNorm'>, x: Value): BatchStatistics {
  const { graph } = lowering
  const count = elementsOfChannel(x)
  const mean = x.mean ?? graph.multiply(channelSums(graph, x), 1 / count)
  const one = graph.filled(x.shape[1]!, 1)
  const centred = x.mean === undefined ? affine(graph, x, one, { bias: graph.unary('Neg', mean) }) : x
  const variance = graph.multiply(channelProducts(graph, centred, centred), 1 / count)
  const inverse = graph.unary('Reciprocal', graph.unary('Sqrt', graph.add(variance, node.attributes.epsilon)))
  return {
    centred,
    inverse,
    factor: graph.multiply(parameterOf(lowering, node, 'weight'), inverse),
    buffers: runningStatistics<Value>(lowering, node, {
      mean,
      variance,
      unbiased: count / Math.max(count - 1, 1),
    }),
  }
}

/** BatchNorm with the running statistics is factor * x + offset, both [C]. */
export function runningAffine(
  lowering: Lowering,
  node: NodeOf<'batchNorm'>,
): { factor: Value; offset: Value } {
  const { graph } = lowering
  const parameter = (suffix: string) => parameterOf(lowering, node, suffix)
  const deviation = graph.unary('Sqrt', graph.add(parameter('running_var'), node.attributes.epsilon))
  const factor = graph.divide(parameter('weight'), deviation)
  const offset = graph.subtract(parameter('bias'), graph.multiply(parameter('running_mean'), factor))
  return { factor, offset }
}

/**
 * The gradient of x is factor * gradient + slope * centred + offset, all three [C], by the sums over the gradient of
 * BatchNorm's output and over its products with `centred`:
 * dx = factor * (g - mean(g) - centred * inverse^2 * mean(g * centred)).
 */
export function inputTerms(
  graph: Graph,
  centred: Value,
  inverse: Value,
  factor: Value,
  { sum, correlation }: { sum: Value; correlation: Value },
): { slope: Value; offset: Value } {
  const mean = graph.multiply(factor, -1 / elementsOfChannel(centred))
  const slope = graph.multiply(graph.multiply(mean, graph.multiply(inverse, inverse)), correlation)
  return { slope, offset: graph.multiply(mean, sum) }
}
