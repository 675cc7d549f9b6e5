import type { Graph, Value } from '../graph.js'

/*
 * The blocked layout is that of MLAS, onnxruntime's CPU library, which calls it NCHWc. Channels lie together in blocks of
 * B, one vector register wide: 16 with AVX-512, 8 with AVX2 (`block-size.ts` asks).
 *
 *   values                     [N, C, H, W]      lie as  [N, C/B, H, W, B]
 *   filters                    [O, I, kH, kW]    lie as  [O/B, I/B, kH, kW, B of I, B of O]
 *   depthwise filters          [C, 1, kH, kW]    lie as  [C/B, kH, kW, B]
 *   filters of row-major input [O, I, kH, kW]    lie as  [O/B, I, kH, kW, B], for I < B
 *
 * Three facts follow, and the kernels use them. A value of one pixel is the same in both layouts. A blocked value is a
 * depthwise filter as it stands: N * C filters of H x W pixels. And N images of C channels are one image of N * C
 * channels, so that a convolution in N * C groups sums over the pixels of every image and channel by itself.
 *
 * The operators are those of the domain `com.microsoft.nchwc`, into which the runtime's own optimizer translates models
 * with constant weights. They are internal to it: nothing but the pinned version of the runtime promises them. Every
 * count of channels must be a multiple of B.
 */

export const BLOCKED_DOMAIN = 'com.microsoft.nchwc'

/** The domain of operators that only the CPU provider has. */
export const MICROSOFT_DOMAIN = 'com.microsoft'

/** Row-major [N, C, H, W] to blocks. */
export function toBlocked(graph: Graph, x: Value, block: number): Value {
  if (isOnePixel(x)) return { ...x, block }
  return graph.node('ReorderInput', [x], x.shape, {}, { domain: BLOCKED_DOMAIN, block })
}

/** Blocks to row-major [N, C, H, W]. */
export function toRowMajor(graph: Graph, x: Value): Value {
  if (isOnePixel(x)) return { name: x.name, shape: x.shape }
  return graph.node('ReorderOutput', [x], x.shape, { channels: x.shape[1]! }, { domain: BLOCKED_DOMAIN })
}

/** Blocks to [N, H, W, C]. */
export function toChannelsLast(graph: Graph, x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const attributes = { channels, channels_last: 1 }
  return graph.node('ReorderOutput', [x], [batch, height, width, channels], attributes, {
    domain: BLOCKED_DOMAIN,
  })
}

/** Row-major [N, H, W, C] to blocks. */
export function fromChannelsLast(graph: Graph, x: Value, block: number): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const shape = [batch, channels, height, width]
  return graph.node('ReorderInput', [x], shape, { channels_last: 1 }, { domain: BLOCKED_DOMAIN, block })
}

/** The same memory under another shape, in the order of that shape. */
export function asRowMajor(graph: Graph, x: Value, shape: readonly number[]): Value {
  return graph.reshape(x, shape)
}

/** The same memory as blocks of another shape. */
export function asBlocked(graph: Graph, x: Value, shape: readonly number[], block: number): Value {
  return { ...graph.reshape(x, shape), block }
}

/*
 * Filters are arranged by moves of one axis at a time: the runtime does such a move in whole pieces. 512 x 512 x 3 x 3,
 * AVX2, one thread: to blocks 9 ms, by one permutation of all axes 14; exchanged and turned 8 ms, by one permutation,
 * with the taps turned first, 42.
 */

/** A filter [O, I, k, k] for blocked values. */
export function filter(graph: Graph, weight: Value, block: number): Value {
  const [out, inside, height, width] = weight.shape as [number, number, number, number]
  const taps = height * width
  const ofBlock = graph.reshape(weight, [out / block, block, inside * taps])
  const outLast = graph.transpose(ofBlock, [0, 2, 1])
  if (taps === 1) return graph.reshape(outLast, weight.shape)
  const inBlocks = graph.reshape(outLast, [(out * inside) / block ** 2, block, taps, block])
  return graph.reshape(graph.transpose(inBlocks, [0, 2, 1, 3]), weight.shape)
}

/** That filter turned by 180 degrees, its inputs and outputs exchanged: it takes gradients from outputs to inputs. */
export function turnedFilter(graph: Graph, weight: Value, block: number): Value {
  const [, , height, width] = weight.shape as [number, number, number, number]
  const taps = Array.from({ length: height * width }, (_, tap) => height * width - 1 - tap)
  return exchangedFilter(graph, weight, block, { taps, size: [height, width] })
}

/**
 * A filter [O, I, h, w] for blocked values, its inputs and outputs exchanged: from O channels to I, with these of its
 * taps (h * w of them, counted row by row) as a window of this size.
 */
export function exchangedFilter(
  graph: Graph,
  weight: Value,
  block: number,
  { taps, size }: { taps: readonly number[]; size: readonly [number, number] },
): Value {
  const [out, inside, height, width] = weight.shape as [number, number, number, number]
  const rows = graph.reshape(weight, [out, inside / block, block * height * width])
  const exchanged = graph.transpose(rows, [1, 0, 2])
  if (height * width === 1) return graph.reshape(exchanged, [inside, out, 1, 1])
  const blocks = (inside * out) / block ** 2
  const inBlocks = graph.reshape(exchanged, [blocks, block ** 2, height * width])
  const tapsFirst = graph.transpose(inBlocks, [0, 2, 1])
  const shape = [blocks, taps.length, block ** 2]
  const chosen = graph.node('Gather', [tapsFirst, graph.integers(taps)], shape, { axis: 1 })
  return graph.reshape(chosen, [inside, out, ...size])
}

/** A filter [O, I, k, k] for row-major values of I < B channels. */
export function rowMajorFilter(graph: Graph, weight: Value, block: number): Value {
  const [out, inside, height, width] = weight.shape as [number, number, number, number]
  const split = graph.reshape(weight, [out / block, block, inside * height * width])
  return graph.reshape(graph.transpose(split, [0, 2, 1]), weight.shape)
}

/** A filter [C, 1, k, k], one for each channel. */
export function depthwiseFilter(graph: Graph, weight: Value, block: number): Value {
  return rowMajorFilter(graph, weight, block)
}

/** [C, 1, k, k] of what lies as a depthwise filter. */
export function fromDepthwiseFilter(graph: Graph, arranged: Value, shape: readonly number[], block: number) {
  const [channels, , height, width] = shape as [number, number, number, number]
  const split = graph.reshape(arranged, [channels / block, height * width, block])
  return graph.reshape(graph.transpose(split, [0, 2, 1]), shape)
}

/** A filter with its taps in the opposite order. */
export function turned(graph: Graph, weight: Value): Value {
  const [out, inside, height, width] = weight.shape as [number, number, number, number]
  const taps = height * width
  if (taps === 1) return weight
  const reversed = graph.integers(Array.from({ length: taps }, (_, tap) => taps - 1 - tap))
  const flat = graph.reshape(weight, [out, inside, taps])
  return graph.reshape(graph.node('Gather', [flat, reversed], flat.shape, { axis: 2 }), weight.shape)
}

function isOnePixel({ shape }: Value): boolean {
  return shape[2] === 1 && shape[3] === 1
}
