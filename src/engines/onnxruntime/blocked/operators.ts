import { elementCount } from '../../../network/index.js'
import type { Attribute } from '../../../onnx/index.js'
import type { Graph, Value } from '../graph.js'
import { asBlocked, asRowMajor, BLOCKED_DOMAIN, depthwiseFilter, fromDepthwiseFilter } from './layout.js'

/** What is applied to each element at the end of a convolution. */
export type Activation = 'relu' | { minimum: number; maximum: number }

/** Added to the convolution: `bias` [O] to each channel, `sum` of the output's shape and layout; then the activation. */
export interface Additions {
  bias?: Value | undefined
  sum?: Value | undefined
  activation?: Activation
}

export interface ConvolutionSize {
  /** Rows and columns. */
  kernel: readonly [number, number]
  stride?: number
  /** Top, left, bottom, right. */
  pads?: readonly [number, number, number, number]
  dilation?: number
  groups?: number
}

/** A convolution with a filter that lies as `layout.ts` says. The output is blocked. */
export function convolution(
  graph: Graph,
  x: Value,
  filter: Value,
  { kernel, stride = 1, pads = [0, 0, 0, 0], dilation = 1, groups = 1 }: ConvolutionSize,
  block: number,
  { bias, sum, activation }: Additions = {},
): Value {
  const [batch, , height, width] = x.shape as [number, number, number, number]
  const size = (input: number, kernelSize: number, padding: number) =>
    Math.floor((input + padding - dilation * (kernelSize - 1) - 1) / stride) + 1
  const shape = [
    batch,
    filter.shape[0]!,
    size(height, kernel[0], pads[0] + pads[2]),
    size(width, kernel[1], pads[1] + pads[3]),
  ]
  const attributes: Record<string, Attribute> = {
    kernel_shape: kernel,
    strides: [stride, stride],
    pads,
    dilations: [dilation, dilation],
    group: groups,
    ...activationAttributes(activation),
  }
  const inputs =
    sum !== undefined ? [x, filter, bias, sum] : bias !== undefined ? [x, filter, bias] : [x, filter]
  return graph.node('Conv', inputs, shape, attributes, { domain: BLOCKED_DOMAIN, block })
}

function activationAttributes(activation: Activation | undefined): Record<string, Attribute> {
  if (activation === undefined) return {}
  if (activation === 'relu') return { activation: 'Relu' }
  return { activation: 'Clip', activation_params: { floats: [activation.minimum, activation.maximum] } }
}

/** factor * x for each channel, plus the additions, in one pass. `factor` is [C]. */
export function affine(graph: Graph, x: Value, factor: Value, additions: Additions = {}): Value {
  const channels = x.shape[1]!
  const filter = graph.reshape(factor, [channels, 1, 1, 1])
  return convolution(graph, x, filter, { kernel: [1, 1], groups: channels }, x.block!, additions)
}

/** Sums of [N, ...] over its first axis. As a product: ReduceSum takes two to ten times as long for large values. */
export function firstAxisSums(graph: Graph, x: Value): Value {
  const [first, ...rest] = x.shape as [number, ...number[]]
  const ones = graph.reshape(graph.filled(first, 1), [1, first])
  const rows = graph.reshape(x, [first, elementCount(rest)])
  return graph.reshape(graph.matmuls(ones, rows), rest)
}

/** Sums over images and pixels, [C]. */
export function channelSums(graph: Graph, x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const shape = [batch, channels, 1, 1]
  const means = graph.node('GlobalAveragePool', [x], shape, {}, { domain: BLOCKED_DOMAIN, block: x.block })
  const sums = graph.reduceSum(asRowMajor(graph, means, [batch, channels]), [0])
  return graph.multiply(sums, height * width)
}

/** Sums over images and pixels of the products of two values, [C]: the one is the depthwise filter of the other. */
export function channelProducts(graph: Graph, x: Value, y: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const products = convolution(
    graph,
    asBlocked(graph, x, [1, batch * channels, height, width], x.block!),
    asRowMajor(graph, y, [batch * channels, 1, height, width]),
    { kernel: [height, width], groups: batch * channels },
    x.block!,
  )
  return graph.reduceSum(asRowMajor(graph, products, [batch, channels]), [0])
}

/**
 * The gradient of a depthwise filter [C, 1, k, k] that took x to values of which `gradient` is the gradient, padded by
 * `padding` and with `stride`: the gradient is the filter of x, each image and channel for itself, then summed over the
 * images.
 */
export function depthwiseFilterGradient(
  graph: Graph,
  x: Value,
  gradient: Value,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): Value {
  const block = x.block!
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const [, , rows, columns] = gradient.shape as [number, number, number, number]
  const end = (size: number, positions: number) => kernel + stride * (positions - 1) - padding - size
  const taps = convolution(
    graph,
    asBlocked(graph, x, [1, batch * channels, height, width], block),
    asRowMajor(graph, gradient, [batch * channels, 1, rows, columns]),
    {
      kernel: [rows, columns],
      dilation: stride,
      pads: [padding, padding, end(height, rows), end(width, columns)],
      groups: batch * channels,
    },
    block,
  )
  const sums = firstAxisSums(
    graph,
    asRowMajor(graph, taps, [batch, channels / block, kernel * kernel, block]),
  )
  return fromDepthwiseFilter(graph, sums, [channels, 1, kernel, kernel], block)
}

/** A depthwise filter [C, 1, k, k] applied to x. */
export function depthwise(
  graph: Graph,
  x: Value,
  weight: Value,
  size: Omit<ConvolutionSize, 'groups'>,
  additions: Additions = {},
): Value {
  const filter = depthwiseFilter(graph, weight, x.block!)
  return convolution(graph, x, filter, { ...size, groups: x.shape[1]! }, x.block!, additions)
}

/** Every second row and column from the first on: of four pixels the upper left one. */
export function everySecond(graph: Graph, x: Value): Value {
  const channels = x.shape[1]!
  const one = graph.reshape(graph.filled(channels, 1), [channels, 1, 1, 1])
  return convolution(graph, x, one, { kernel: [1, 1], stride: 2, groups: channels }, x.block!)
}

/** Twice the height and width, each pixel at the upper left of four, the others 0. */
export function spread(graph: Graph, x: Value): Value {
  const block = x.block!
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const shape = [batch, channels, 2 * height, 2 * width]
  const repeated = graph.node(
    'Upsample',
    [x],
    shape,
    { scales: [1, 1, 2, 2], mode: 'nearest', coordinate_transformation_mode: 'asymmetric' },
    { domain: BLOCKED_DOMAIN, block },
  )
  const pixels = 4 * height * width * block
  const upperLeft = Float32Array.from({ length: pixels }, (_, index) => {
    const pixel = Math.floor(index / block)
    return pixel % 2 === 0 && Math.floor(pixel / (2 * width)) % 2 === 0 ? 1 : 0
  })
  const flat = asRowMajor(graph, repeated, [(batch * channels) / block, pixels])
  return asBlocked(graph, graph.multiply(flat, graph.floats(upperLeft)), shape, block)
}
