import { UsageError } from '../../errors/index.js'
import type { Backbone, Initial } from '../node.js'
import { NodeList } from '../node-list.js'
import type { BackboneSize } from './backbone-size.js'

export interface MobileFaceNetShape {
  /** Blocks of the four levels: `mbf` is 1, 4, 6, 2, `mbf_large` 2, 8, 12, 4. A level but the first may be empty. */
  blocks: readonly [number, number, number, number]
  /** Multiplies the channels between blocks (64, then 128); upstream's `mbf` has 2. Inner widths do not scale. */
  scale: number
}

/** Upstream's `get_mbf` and `get_mbf_large`. */
export const mobilefacenets = {
  mbf: { blocks: [1, 4, 6, 2], scale: 2 },
  mbf_large: { blocks: [2, 8, 12, 4], scale: 4 },
} as const satisfies Record<string, MobileFaceNetShape>

/** Channels inside the bottleneck blocks of each level, and of the last convolution. */
const TAIL_CHANNELS = 512

/** The block with which the embedding's tail begins. */
const TAIL = 'conv_sep'

/**
 * MobileFaceNet as arcface_torch builds it (backbones/mobilefacenet.py), with its parameter names.
 * A first level of one block is a plain convolution in 64 groups, else residual blocks.
 * @throws UsageError for sizes that make no network
 */
export function mobilefacenet({
  blocks,
  scale,
  embeddingSize,
  imageSize,
}: MobileFaceNetShape & BackboneSize): Backbone {
  checkSizes(blocks, scale, embeddingSize, imageSize)
  const list = new NodeList()
  const narrow = 64 * scale
  const wide = 128 * scale
  let x = convBlock(list, 'layers.0', 'images', { in: 3, out: narrow, kernel: 3, stride: 2 })
  x =
    blocks[0] === 1
      ? convBlock(list, 'layers.1', x, { in: narrow, out: narrow, kernel: 3, groups: 64 })
      : residual(list, 'layers.1', x, { channels: narrow, inner: 128, count: blocks[0] })
  x = bottleneck(list, 'layers.2', x, { in: narrow, out: narrow, inner: 128, stride: 2 })
  x = residual(list, 'layers.3', x, { channels: narrow, inner: 128, count: blocks[1] })
  x = bottleneck(list, 'layers.4', x, { in: narrow, out: wide, inner: 256, stride: 2 })
  x = residual(list, 'layers.5', x, { channels: wide, inner: 256, count: blocks[2] })
  x = bottleneck(list, 'layers.6', x, { in: wide, out: wide, inner: 512, stride: 2 })
  x = residual(list, 'layers.7', x, { channels: wide, inner: 256, count: blocks[3] })
  x = convBlock(list, TAIL, x, { in: wide, out: TAIL_CHANNELS, kernel: 1 })
  embeddingTail(list, x, { kernel: imageSize / 16, embeddingSize })
  return {
    name: 'mbf',
    inputSize: { height: imageSize, width: imageSize },
    embeddingSize,
    nodes: list.nodes,
    tail: `${TAIL}.layers.0`,
  }
}

/** Global depthwise convolution, then the linear map to the embedding. */
function embeddingTail(
  list: NodeList,
  input: string,
  { kernel, embeddingSize }: { kernel: number; embeddingSize: number },
): void {
  const x = linearBlock(list, 'features.layers.0', input, {
    in: TAIL_CHANNELS,
    out: TAIL_CHANNELS,
    kernel,
    padding: 0,
    groups: TAIL_CHANNELS,
  })
  const flat = list.operation('flatten', 'features.layers.1', [x], {})
  const size = { in: TAIL_CHANNELS, out: embeddingSize }
  const linear = list.linear('features.layers.2', flat, size, { weight: kaimingNormal(embeddingSize) })
  list.batchNorm('features.layers.3', linear, embeddingSize)
}

interface BlockShape {
  in: number
  out: number
  kernel: number
  stride?: number
  /** Half the kernel where it is not given. */
  padding?: number
  groups?: number
}

/** Convolution and BatchNorm. */
function linearBlock(list: NodeList, name: string, input: string, shape: BlockShape): string {
  const { stride = 1, padding = (shape.kernel - 1) / 2, groups = 1 } = shape
  const initial = kaimingNormal(shape.out * shape.kernel ** 2)
  const x = list.conv2d(`${name}.layers.0`, input, { ...shape, stride, padding, groups }, initial)
  return list.batchNorm(`${name}.layers.1`, x, shape.out)
}

/** PyTorch's `kaiming_normal_(mode='fan_out', nonlinearity='relu')`, whose fan out does not know of groups. */
function kaimingNormal(fanOut: number): Initial {
  return { deviation: Math.sqrt(2 / fanOut) }
}

/** Convolution, BatchNorm and PReLU. */
function convBlock(list: NodeList, name: string, input: string, shape: BlockShape): string {
  return list.prelu(`${name}.layers.2`, linearBlock(list, name, input, shape), shape.out)
}

/** Pointwise to the inner width, depthwise 3x3, pointwise back without activation. */
function bottleneck(
  list: NodeList,
  name: string,
  input: string,
  { in: channels, out, inner, stride }: { in: number; out: number; inner: number; stride: number },
): string {
  let x = convBlock(list, `${name}.layers.0`, input, { in: channels, out: inner, kernel: 1 })
  x = convBlock(list, `${name}.layers.1`, x, { in: inner, out: inner, kernel: 3, stride, groups: inner })
  return linearBlock(list, `${name}.layers.2`, x, { in: inner, out, kernel: 1 })
}

function residual(
  list: NodeList,
  name: string,
  input: string,
  { channels, inner, count }: { channels: number; inner: number; count: number },
): string {
  let x = input
  for (let block = 0; block < count; block++) {
    const blockName = `${name}.layers.${block}`
    const inside = bottleneck(list, blockName, x, { in: channels, out: channels, inner, stride: 1 })
    x = list.operation('add', blockName, [x, inside], {})
  }
  return x
}

function checkSizes(
  blocks: readonly number[],
  scale: number,
  embeddingSize: number,
  imageSize: number,
): void {
  const counts = blocks.every((count, level) => Number.isInteger(count) && count >= (level === 0 ? 1 : 0))
  if (blocks.length !== 4 || !counts) {
    throw new UsageError(`network: blocks must be four whole numbers, the first at least 1, not [${blocks}]`)
  }
  if (!Number.isInteger(scale) || scale < 1) {
    throw new UsageError(`network: scale must be a whole number from 1 on, not ${scale}`)
  }
  if (!Number.isInteger(embeddingSize) || embeddingSize < 1) {
    throw new UsageError(`embedding_size must be a whole number from 1 on, not ${embeddingSize}`)
  }
  if (!Number.isInteger(imageSize) || imageSize < 16 || imageSize % 16 !== 0) {
    throw new UsageError(`mbf: images must be a multiple of 16 pixels wide and high, not ${imageSize}`)
  }
}
