import type { NodeOf } from '../../../network/index.js'
import type { Graph, Value } from '../graph.js'
import { denseTapsGradient } from './filter-taps.js'

/** Above this many pixels one product an image is faster than a transposed copy of the whole batch. */
const LARGE_IMAGE = 100

/** Every input channel a group of its own with one output channel. */
export function isDepthwise({ attributes: { groups } }: NodeOf<'conv2d'>, weight: Value): boolean {
  return groups === weight.shape[0] && weight.shape[1] === 1
}

/** Gradient of a convolution's weight, in its shape, by the form that suits the provider (`forms.ts`). */
export function filterGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { kernel, stride, groups } = node.attributes
  const [, , height, width] = gradient.shape as [number, number, number, number]
  if (graph.forms.filterGradient === 'taps' && groups === 1) {
    return denseTapsGradient(graph, node, x, gradient)
  }
  if (kernel === 1 && stride === 1 && groups === 1) {
    return graph.reshape(pointwiseGradient(graph, x, gradient, height * width), weight.shape)
  }
  return isDepthwise(node, weight) || graph.forms.filterGradient === 'taps'
    ? imagewiseGradient(graph, node, x, weight, gradient)
    : groupedGradient(graph, node, x, weight, gradient)
}

/** Sum over images and pixels of the products of gradient and input, [out, in]. */
function pointwiseGradient(graph: Graph, x: Value, gradient: Value, pixels: number): Value {
  const flatten = (value: Value) => graph.reshape(value, [value.shape[0]!, value.shape[1]!, pixels])
  if (pixels > LARGE_IMAGE) {
    const products = graph.matmuls(flatten(gradient), graph.transpose(flatten(x), [0, 2, 1]))
    return graph.reduceSum(products, [0])
  }
  const channelsFirst = (value: Value) =>
    graph.reshape(graph.transpose(flatten(value), [1, 0, 2]), [value.shape[1]!, value.shape[0]! * pixels])
  return graph.matmul(channelsFirst(gradient), channelsFirst(x), { b: true })
}

/**
 * A correlation of the input with the gradient as its kernel, every image and group of channels alone, summed over the
 * images: input [in / groups, N * groups], kernel [N * out, 1].
 */
function imagewiseGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  x: Value,
  weight: Value,
  gradient: Value,
): Value {
  const { groups, kernel } = node.attributes
  const [batch, , height, width] = x.shape as [number, number, number, number]
  const [, out, rows, columns] = gradient.shape as [number, number, number, number]
  const inside = weight.shape[1]!
  const channelsFirst = (): Value =>
    graph.transpose(graph.reshape(x, [batch, groups, inside, height * width]), [2, 0, 1, 3])
  const taps = correlate(
    graph,
    node,
    graph.reshape(inside === 1 ? x : channelsFirst(), [inside, batch * groups, height, width]),
    graph.reshape(gradient, [batch * out, 1, rows, columns]),
    batch * groups,
  )
  const sums = graph.reduceSum(graph.reshape(taps, [inside, batch, out, kernel * kernel]), [1])
  return graph.reshape(inside === 1 ? sums : graph.transpose(sums, [1, 0, 2]), weight.shape)
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
