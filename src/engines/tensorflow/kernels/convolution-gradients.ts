import type { NodeOf } from '../../../network/index.js'
import type { Graph, Value } from '../graph.js'
import { imageSizes, pixelSteps } from '../images.js'

/** TensorFlow's operators for dense and for depthwise convolutions. */
export type ConvolutionKind = 'Conv2D' | 'DepthwiseConv2dNative'

/**
 * The gradient of a convolution's input, of this shape.
 *
 * On a CPU oneDNN has the gradients of convolutions that pad as SAME does, Eigen those that pad as they say. Measured
 * with AVX2, one thread, ms of processor time, Eigen and oneDNN:
 *
 *   depthwise 3x3, 32 images   input's gradient   filter's
 *   128 channels of 28x28           6.6   5.7     5.7   9.6
 *   256 channels of 14x14           4.8   4.1     5.0   5.2
 *   128 of 56x56, stride 2         33.8  14.5    12.4  82
 *   dense 3x3, 8 images
 *   128 channels of 28x28          31.6  22.5    41.5  37.8
 *   64 to 128 of 56x56, stride 2   16.3  26.9    20.1  41.2
 *
 * With stride 2 SAME pads evenly where the filter has a row and a column of zeros more.
 */
export function inputGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  kind: ConvolutionKind,
  shape: readonly number[],
  filter: Value,
  gradient: Value,
): Value {
  const { type } = filter
  const { stride } = node.attributes
  const wider = kind === 'DepthwiseConv2dNative' && stride === 2 && hasEvenSizes(graph, shape)
  const padsEvenly = isCentred(node) && graph.layout === 'NHWC' && (stride === 1 || wider)
  const attributes = padsEvenly ? samePadding(graph, node) : attributesOf(graph, node)
  const inputs = [graph.integers(shape), padsEvenly && wider ? widened(graph, filter) : filter, gradient]
  return graph.node(`${kind}BackpropInput`, inputs, { T: { type }, ...attributes }, [{ type, shape }])[0]!
}

/** The gradient of a convolution's filter, of this shape; measured at `inputGradient`. */
export function filterGradient(
  graph: Graph,
  node: NodeOf<'conv2d'>,
  kind: ConvolutionKind,
  x: Value,
  shape: readonly number[],
  gradient: Value,
): Value {
  const { type } = x
  const isDense = kind === 'Conv2D' && node.attributes.stride === 1
  const padsEvenly = isDense && isCentred(node) && graph.layout === 'NHWC'
  const attributes = padsEvenly ? samePadding(graph, node) : attributesOf(graph, node)
  const inputs = [x, graph.integers(shape), gradient]
  return graph.node(`${kind}BackpropFilter`, inputs, { T: { type }, ...attributes }, [{ type, shape }])[0]!
}

/** Strides, padding and layout. */
export function attributesOf({ layout }: Graph, { attributes: { stride, padding } }: NodeOf<'conv2d'>) {
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

function samePadding({ layout }: Graph, { attributes: { stride } }: NodeOf<'conv2d'>) {
  return { strides: { integers: pixelSteps(layout, stride) }, padding: 'SAME', data_format: layout }
}

function isCentred({ attributes: { kernel, padding } }: NodeOf<'conv2d'>): boolean {
  return padding > 0 && kernel === 2 * padding + 1
}

function hasEvenSizes({ layout }: Graph, shape: readonly number[]): boolean {
  const { height, width } = imageSizes(layout, shape)
  return height % 2 === 0 && width % 2 === 0
}

function widened(graph: Graph, filter: Value): Value {
  const [height, width, ...channels] = filter.shape as [number, number, ...number[]]
  const pads = graph.reshape(graph.integers([0, 1, 0, 1, 0, 0, 0, 0]), [4, 2])
  const shape = [height + 1, width + 1, ...channels]
  return graph.operator('Pad', [filter, pads], shape, { Tpaddings: { type: 'int32' } })
}
