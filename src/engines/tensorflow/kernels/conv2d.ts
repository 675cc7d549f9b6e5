import type { NodeOf } from '../../../network/index.js'
import type { Graph } from '../graph.js'
import { imageShape, imageSizes, pixelSteps } from '../images.js'
import { type Kernel, parameterOf } from '../kernel.js'
import { shareAmongInputs, sumOverInputs } from './grouped-channels.js'

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
    const [height, width] = [outputSize(found.height, node), outputSize(found.width, node)]
    const outside = filter.shape[3]!
    const sizes = { batch: found.batch, height, width }
    if (node.attributes.groups === 1) {
      const shape = imageShape(graph.layout, { ...sizes, channels: outside })
      const output = graph.operator('Conv2D', [x!, filter], shape, attributesOf(graph, node))
      return { output, saved: [x!, filter] }
    }
    const shape = imageShape(graph.layout, { ...sizes, channels: channels * outside })
    const products = graph.operator('DepthwiseConv2dNative', [x!, filter], shape, attributesOf(graph, node))
    return { output: sumOverInputs(graph, products, groupOf(node, channels, outside)), saved: [x!, filter] }
  },

  backward({ graph }, node, [x, filter], gradient) {
    const { channels } = imageSizes(graph.layout, x!.shape)
    const { groups } = node.attributes
    const kind = groups === 1 ? 'Conv2D' : 'DepthwiseConv2dNative'
    const products =
      groups === 1 ? gradient : shareAmongInputs(graph, gradient, groupOf(node, channels, filter!.shape[3]!))
    const attributes = { T: { type: x!.type }, ...attributesOf(graph, node) } as const
    const [input] = graph.node(
      `${kind}BackpropInput`,
      [graph.integers(x!.shape), filter!, products],
      attributes,
      [x!],
    )
    const [weight] = graph.node(
      `${kind}BackpropFilter`,
      [x!, graph.integers(filter!.shape), products],
      attributes,
      [filter!],
    )
    return {
      inputs: [input],
      parameters: new Map([[`${node.name}.weight`, graph.cast(weight!, 'float32')]]),
    }
  },
}

function outputSize(size: number, { attributes: { kernel, stride, padding } }: NodeOf<'conv2d'>): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1
}

function groupOf({ attributes: { groups } }: NodeOf<'conv2d'>, channels: number, outside: number) {
  return { groups, inside: channels / groups, outside }
}

function attributesOf({ layout }: Graph, { attributes: { stride, padding } }: NodeOf<'conv2d'>) {
  const both = [padding, padding]
  const none = [0, 0]
  const pads = layout === 'NHWC' ? [none, both, both, none] : [none, none, both, both]
  return {
    strides: { integers: pixelSteps(layout, stride) },
    // Said outright: TensorFlow's SAME pads a strided convolution on one side only.
    ...(padding === 0
      ? { padding: 'VALID' }
      : { padding: 'EXPLICIT', explicit_paddings: { integers: pads.flat() } }),
    data_format: layout,
  }
}
