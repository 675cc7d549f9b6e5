import type { NodeOf } from '../../../network/index.js'
import type { Graph, Value } from '../graph.js'
import { imageSizes } from '../images.js'

/** Channels of a group, inputs and outputs. */
const PAIR = 2

/** Channels that oneDNN convolves together. */
const BLOCK = 8

/**
 * Whether a convolution in groups of two channels has the forms of this file, which are for a CPU. Measured with AVX2 on
 * 32 images of 56x56 with 128 channels, ms of processor time, against the depthwise convolution with sums of
 * `grouped-channels.ts`: forward 62 and 194; gradient of the input, the same convolution, against 152; of the filter 81, the
 * sum of its parts, against 167.
 */
export function hasPairs(graph: Graph, node: NodeOf<'conv2d'>, x: Value, filter: Value): boolean {
  const { groups, kernel, padding, stride } = node.attributes
  const { channels } = imageSizes(graph.layout, x.shape)
  return (
    graph.layout === 'NHWC' &&
    x.type === 'float32' &&
    channels === groups * PAIR &&
    filter.shape[3] === PAIR &&
    channels % BLOCK === 0 &&
    stride === 1 &&
    kernel === 2 * padding + 1
  )
}

/** The convolution in groups of eight channels, with zeros between those of different pairs. */
export function convolvePairs(graph: Graph, x: Value, filter: Value): Value {
  return inBlocks(graph, x, filter, [0, 3, 1, 2, 4])
}

/** The gradient of the input: a convolution of the output's with the filter turned round. */
export function pairsInputGradient(graph: Graph, filter: Value, gradient: Value): Value {
  const taps = filter.shape[0]! * filter.shape[1]!
  const rows = graph.reshape(filter, [taps, filter.shape[2]! * PAIR])
  const turned = graph.reshape(reversed(graph, rows, 0), filter.shape)
  return inBlocks(graph, gradient, turned, [0, 4, 1, 2, 3])
}

/**
 * The gradient of the filter: two depthwise ones, in which each output channel meets its own channel of the input and
 * the other one of its pair.
 */
export function pairsFilterGradient(
  graph: Graph,
  x: Value,
  filter: Value,
  products: (x: Value, filterShape: readonly number[]) => Value,
): Value {
  const [height, width, channels] = filter.shape as [number, number, number]
  const shape = [height, width, channels, 1]
  const pairs = graph.reshape(x, [x.shape.reduce((product, size) => product * size, 1) / PAIR, PAIR])
  const own = products(x, shape)
  const other = products(graph.reshape(reversed(graph, pairs, 1), x.shape), shape)
  const rows = (value: Value) => graph.reshape(value, [(height * width * channels) / PAIR, 1, PAIR])
  const isOwn = graph.isAbove(identity(graph, PAIR), 0)
  return graph.reshape(graph.select(isOwn, rows(own), rows(other)), filter.shape)
}

/** `order` of the filter's axes tap, block, pair, input, output: tap, what comes in, block, pair, what goes out. */
function inBlocks(graph: Graph, x: Value, filter: Value, order: readonly number[]): Value {
  const [height, width, channels] = filter.shape as [number, number, number]
  const [taps, blocks, pairs] = [height * width, channels / BLOCK, BLOCK / PAIR]
  const ordered = graph.transpose(graph.reshape(filter, [taps, blocks, pairs, PAIR, PAIR]), order)
  const inputs = graph.reshape(ordered, [taps, 1, PAIR * blocks, pairs, PAIR])
  const isSame = graph.reshape(identity(graph, pairs), [1, pairs, 1, pairs, 1])
  const blockFilter = graph.reshape(graph.multiply(inputs, isSame), [height, width, BLOCK, channels])
  return graph.operator('Conv2D', [x, blockFilter], x.shape, {
    ...{ strides: { integers: [1, 1, 1, 1] }, padding: 'SAME', data_format: 'NHWC' },
  })
}

function reversed(graph: Graph, x: Value, axis: number): Value {
  return graph.operator('ReverseV2', [x, graph.integers([axis])], x.shape, { Tidx: { type: 'int32' } })
}

/** Ones on the diagonal. */
function identity(graph: Graph, size: number): Value {
  const positions = graph.integers(Array.from({ length: size }, (_, index) => index))
  const type = 'float32'
  return graph.node(
    'OneHot',
    [positions, graph.integers(size), graph.constant(1), graph.constant(0)],
    { T: { type }, TI: { type: 'int32' }, axis: -1 },
    [{ type, shape: [size, size] }],
  )[0]!
}
