import type { NodeOf } from '../../../network/index.js'
import type { Graph, Value } from '../graph.js'
import { type Kernel, parameterOf } from '../kernel.js'

/** Above this many pixels one product an image is faster than a transposed copy of the whole batch. */
const LARGE_IMAGE = 100

export const conv2d: Kernel<'conv2d'> = {
  forward(lowering, node, [x]) {
    const weight = parameterOf(lowering, node, 'weight')
    const { kernel, stride, padding, groups } = node.attributes
    const [batch, , height, width] = x!.shape as [number, number, number, number]
    const shape = [batch, weight.shape[0]!, outputSize(height, node), outputSize(width, node)]
    const output = lowering.graph.node('Conv', [x, weight], shape, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      group: groups,
    })
    return { output, saved: [x!, weight] }
  },

  backward({ graph }, node, [x, weight], gradient) {
    return {
      inputs: [inputGradient(graph, node, x!, weight!, gradient)],
      parameters: new Map([
        [
          `${node.name}.weight`,
          weightGradient(graph, node, graph.inPrecision(x!), weight!, graph.inPrecision(gradient)),
        ],
      ]),
    }
  },
}

function isDepthwise({ attributes: { groups } }: NodeOf<'conv2d'>, weight: Value): boolean {
  return groups === weight.shape[0] && weight.shape[1] === 1
}

function outputSize(size: number, { attributes: { kernel, stride, padding } }: NodeOf<'conv2d'>): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1
}

function inputGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { kernel, stride, padding, groups } = node.attributes
  const coversImage = padding === 0 && x.shape[2] === kernel && x.shape[3] === kernel
  if (isDepthwise(node, weight) && coversImage) {
    return graph.multiply(gradient, graph.reshape(weight, [1, groups, kernel, kernel]))
  }
  if (stride === 1) {
    const pad = kernel - 1 - padding
    return graph.node('Conv', [gradient, mirrored(graph, node, weight)], x.shape, {
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      group: groups,
    })
  }
  // Rows and columns that the stride never reached.
  const left = [x.shape[2]!, x.shape[3]!].map((size) => (size + 2 * padding - kernel) % stride)
  return graph.node('ConvTranspose', [gradient, weight], x.shape, {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    output_padding: left,
    group: groups,
  })
}

/** The kernel turned by 180 degrees with its input and output channels exchanged, group by group. */
function mirrored(graph: Graph, { attributes: { kernel, groups } }: NodeOf<'conv2d'>, weight: Value): Value {
  const [out, inside] = weight.shape as [number, number]
  const taps = kernel * kernel
  let turned = graph.reshape(weight, [groups, out / groups, inside, taps])
  if (inside > 1 || out > groups) turned = graph.transpose(turned, [0, 2, 1, 3])
  if (taps > 1) {
    const reversed = graph.integers(Array.from({ length: taps }, (_, tap) => taps - 1 - tap))
    turned = graph.node('Gather', [turned, reversed], turned.shape, { axis: 3 })
  }
  return graph.reshape(turned, [groups * inside, out / groups, kernel, kernel])
}

function weightGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { kernel, stride, groups } = node.attributes
  const [, , height, width] = gradient.shape as [number, number, number, number]
  if (kernel === 1 && stride === 1 && groups === 1) {
    return graph.reshape(pointwiseGradient(graph, x, gradient, height * width), weight.shape)
  }
  return isDepthwise(node, weight)
    ? depthwiseGradient(graph, node, x, weight, gradient)
    : groupedGradient(graph, node, x, weight, gradient)
}

/** Sum over images and pixels of the products of gradient and input, [out, in]. */
function pointwiseGradient(graph: Graph, x: Value, gradient: Value, pixels: number): Value {
  const flatten = (value: Value) => graph.reshape(value, [value.shape[0]!, value.shape[1]!, pixels])
  if (pixels > LARGE_IMAGE) {
    const products = graph.matmul(flatten(gradient), graph.transpose(flatten(x), [0, 2, 1]))
    return graph.reduceSum(products, [0])
  }
  const channelsFirst = (value: Value) =>
    graph.reshape(graph.transpose(flatten(value), [1, 0, 2]), [value.shape[1]!, value.shape[0]! * pixels])
  return graph.gemm(channelsFirst(gradient), channelsFirst(x), { b: true })
}

/**
 * A correlation of the input with the gradient as its kernel, every image and channel a group of its own, summed over
 * the images.
 */
function depthwiseGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const [, , rows, columns] = gradient.shape as [number, number, number, number]
  const groups = batch * channels
  const taps = correlate(
    graph,
    node,
    graph.reshape(x, [1, groups, height, width]),
    graph.reshape(gradient, [groups, 1, rows, columns]),
    groups,
  )
  const { kernel } = node.attributes
  return graph.reshape(
    graph.reduceSum(graph.reshape(taps, [batch, channels, kernel * kernel]), [0]),
    weight.shape,
  )
}

/** The same with images in the place of channels: input [in / groups, groups * N], kernel [out, N]. */
function groupedGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { groups } = node.attributes
  const [batch, , height, width] = x.shape as [number, number, number, number]
  const inside = weight.shape[1]!
  const images = graph.transpose(graph.reshape(x, [batch, groups, inside, height * width]), [2, 1, 0, 3])
  const taps = correlate(
    graph,
    node,
    graph.reshape(images, [inside, groups * batch, height, width]),
    graph.transpose(gradient, [1, 0, 2, 3]),
    groups,
  )
  return graph.transpose(taps, [1, 0, 2, 3])
}

/** Correlation whose stride is the forward pass's dilation and the reverse, cut to the kernel's size. */
function correlate(graph: Graph, node: NodeOf<'conv2d'>, x: Value, gradient: Value, groups: number): Value {
  const { kernel, stride, padding } = node.attributes
  const [rows, columns] = [gradient.shape[2]!, gradient.shape[3]!]
  const span = (size: number, positions: number) => size + 2 * padding - stride * (positions - 1)
  const found = [span(x.shape[2]!, rows), span(x.shape[3]!, columns)] as const
  const taps = graph.node('Conv', [x, gradient], [x.shape[0]!, gradient.shape[0]!, ...found], {
    kernel_shape: [rows, columns],
    pads: [padding, padding, padding, padding],
    dilations: [stride, stride],
    group: groups,
  })
  if (found[0] === kernel && found[1] === kernel) return taps
  const shape = [taps.shape[0]!, taps.shape[1]!, kernel, kernel]
  const [start, end, axes] = [
    [0, 0],
    [kernel, kernel],
    [2, 3],
  ].map((list) => graph.integers(list))
  return graph.node('Slice', [taps, start, end, axes], shape)
}
