import { convolvedSize, type NodeOf } from '../../../network/index.js'
import { parameterOf } from '../../kernel.js'
import type { BackwardResult } from '../../node-walk.js'
import type { Value } from '../graph.js'
import { imageShape, imageSizes } from '../images.js'
import type { Kernel } from '../kernel.js'
import { attributesOf, filterGradient, inputGradient } from './convolution-gradients.js'
import { shareAmongInputs, sumOverInputs } from './grouped-channels.js'
import { convolvePairs, hasPairs, pairsFilterGradient, pairsInputGradient } from './paired-channels.js'
import { isPointwise, pixelRows } from './pointwise.js'

/**
 * Dense convolutions, and depthwise ones for every other number of groups: TensorFlow's CPU has no gradient of a
 * grouped convolution. There each input channel of a group is convolved for each of the group's outputs, and what
 * belongs to one output is added up.
 */
export const conv2d: Kernel<'conv2d'> = {
  forward(lowering, node, [x]) {
    const { graph } = lowering
    const filter = graph.cast(parameterOf(lowering, node, 'weight'), x!.type)
    const { channels, ...found } = imageSizes(graph.layout, x!.shape)
    const [height, width] = [convolvedSize(found.height, node), convolvedSize(found.width, node)]
    const outside = filter.shape[3]!
    const sizes = { batch: found.batch, height, width }
    if (node.attributes.groups === 1) {
      const shape = imageShape(graph.layout, { ...sizes, channels: outside })
      if (isPointwise(lowering, node, x!)) {
        const product = graph.matmul(pixelRows(graph, x!), pixelRows(graph, filter))
        return { output: graph.reshape(product, shape), saved: [x!, filter] }
      }
      const output = graph.operator('Conv2D', [x!, filter], shape, attributesOf(graph, node))
      return { output, saved: [x!, filter] }
    }
    if (hasPairs(graph, node, x!, filter)) {
      return { output: convolvePairs(graph, x!, filter), saved: [x!, filter] }
    }
    const shape = imageShape(graph.layout, { ...sizes, channels: channels * outside })
    const products = graph.operator('DepthwiseConv2dNative', [x!, filter], shape, attributesOf(graph, node))
    return { output: sumOverInputs(graph, products, groupOf(node, channels, outside)), saved: [x!, filter] }
  },

  backward(lowering, node, [x, filter], gradient) {
    const { graph } = lowering
    if (isPointwise(lowering, node, x!)) {
      const rows = pixelRows(graph, gradient)
      const input = graph.matmul(rows, pixelRows(graph, filter!), { b: true })
      const weight = graph.matmul(pixelRows(graph, x!), rows, { a: true })
      return result(node, graph.reshape(input, x!.shape), graph.reshape(weight, filter!.shape))
    }
    const { channels } = imageSizes(graph.layout, x!.shape)
    const { groups } = node.attributes
    if (hasPairs(graph, node, x!, filter!)) {
      const weight = pairsFilterGradient(graph, x!, filter!, (inputs, shape) =>
        filterGradient(graph, node, 'DepthwiseConv2dNative', inputs, shape, gradient),
      )
      return result(node, pairsInputGradient(graph, filter!, gradient), weight)
    }
    const kind = groups === 1 ? 'Conv2D' : 'DepthwiseConv2dNative'
    const products =
      groups === 1 ? gradient : shareAmongInputs(graph, gradient, groupOf(node, channels, filter!.shape[3]!))
    const input = inputGradient(graph, node, kind, x!.shape, filter!, products)
    return result(node, input, filterGradient(graph, node, kind, x!, filter!.shape, products))
  },
}

function result(node: NodeOf<'conv2d'>, input: Value, weight: Value): BackwardResult<Value> {
  return {
    inputs: [input],
    parameters: new Map([[`${node.name}.weight`, weight]]),
  }
}

function groupOf({ attributes: { groups } }: NodeOf<'conv2d'>, channels: number, outside: number) {
  return { groups, inside: channels / groups, outside }
}
