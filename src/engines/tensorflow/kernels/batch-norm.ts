import { parameterOf } from '../../kernel.js'
import { runningStatistics } from '../../running-statistics.js'
import type { Value } from '../graph.js'
import type { Kernel, Lowering } from '../kernel.js'
import { isInLoops, loopGradients, loopNormalized } from './batch-norm-loops.js'

/**
 * FusedBatchNormV3, whose statistics are float32 whatever the type of the activations. It normalises with the biased
 * variance and returns the unbiased one, which is what PyTorch keeps. Large images on a CPU have the form of `batch-norm-loops.ts`.
 */
export const batchNorm: Kernel<'batchNorm'> = {
  forward(lowering, node, [x]) {
    const { graph, training } = lowering
    const { epsilon } = node.attributes
    const parameter = (suffix: string) => parameterOf(lowering, node, suffix)
    const [weight, bias] = [parameter('weight'), parameter('bias')]
    if (training && isInLoops(graph, x!)) {
      const { mean, variance, ...result } = loopNormalized(graph, x!, { weight, bias, epsilon })
      return { ...result, buffers: runningStatistics<Value>(lowering, node, { mean, variance }) }
    }
    const running = training
      ? [graph.none(), graph.none()]
      : [parameter('running_mean'), parameter('running_var')]
    const images = asImages(lowering, x!)
    const channel = { type: 'float32', shape: weight.shape } as const
    const [normalized, mean, variance, ...reserved] = graph.node(
      'FusedBatchNormV3',
      [images, weight, bias, ...running],
      { ...typesOf(images), epsilon: { float: epsilon }, is_training: training, ...formatOf(lowering, x!) },
      [images, channel, channel, channel, channel, { type: 'float32', shape: [] }],
    )
    const output = sameForm(lowering, normalized!, x!)
    if (!training) return { output, saved: [] }
    return {
      output,
      saved: [images, weight, ...reserved],
      buffers: runningStatistics<Value>(lowering, node, { mean: mean!, variance: variance! }),
    }
  },

  backward(lowering, node, [images, weight, ...reserved], gradient) {
    const { graph } = lowering
    if (isInLoops(graph, images!)) {
      const found = loopGradients(graph, [images!, weight!, ...reserved], gradient)
      return {
        inputs: [found.input],
        parameters: new Map([
          [`${node.name}.weight`, found.weight],
          [`${node.name}.bias`, found.bias],
        ]),
      }
    }
    const channel = { type: 'float32', shape: weight!.shape } as const
    const [input, weightGradient, biasGradient] = graph.node(
      'FusedBatchNormGradV3',
      [asImages(lowering, gradient), images!, weight!, ...reserved],
      {
        ...typesOf(images!),
        epsilon: { float: node.attributes.epsilon },
        is_training: true,
        ...formatOf(lowering, gradient),
      },
      [images!, channel, channel, { type: 'float32', shape: [0] }, { type: 'float32', shape: [0] }],
    )
    return {
      inputs: [sameForm(lowering, input!, gradient)],
      parameters: new Map([
        [`${node.name}.weight`, weightGradient!],
        [`${node.name}.bias`, biasGradient!],
      ]),
    }
  },
}

/** Vectors [N, C] as images of one pixel, channels last: every device has that. */
function asImages({ graph }: Lowering, x: Value): Value {
  return x.shape.length === 2 ? graph.reshape(x, [x.shape[0]!, 1, 1, x.shape[1]!]) : x
}

function sameForm({ graph }: Lowering, value: Value, like: Value): Value {
  return like.shape.length === 2 ? graph.reshape(value, like.shape) : value
}

function formatOf({ graph }: Lowering, x: Value) {
  return { data_format: x.shape.length === 2 ? 'NHWC' : graph.layout }
}

function typesOf({ type }: Value) {
  return { T: { type }, U: { type: 'float32' } } as const
}
