import { UsageError } from '../../errors/index.js'
import type { Backbone, Initial } from '../node.js'
import { NodeList } from '../node-list.js'
import type { BackboneSize } from './backbone-size.js'

export interface IResNetShape {
  /** Residual blocks of the four levels. The first block of each halves the image. */
  layers: readonly [number, number, number, number]
}

/** Upstream's `iresnet18` to `iresnet200`. */
export const iresnets = {
  r18: { layers: [2, 2, 2, 2] },
  r34: { layers: [3, 4, 6, 3] },
  r50: { layers: [3, 4, 14, 3] },
  r100: { layers: [3, 13, 30, 3] },
  r200: { layers: [6, 26, 60, 6] },
} as const satisfies Record<string, IResNetShape>

/** Channels of the four levels. */
const WIDTHS = [64, 128, 256, 512] as const

const CONVOLUTION: Initial = { deviation: 0.1 }

/**
 * The improved ResNet of the ArcFace paper as arcface_torch builds it (backbones/iresnet.py), with its parameter names:
 * BatchNorm first in each block, the stride in its second convolution, a flattened last image. The weight of the last
 * BatchNorm is frozen at 1. Upstream's dropout has probability 0 in every network that its configs name, and no node.
 * @throws UsageError for sizes that make no network
 */
export function iresnet({ layers, embeddingSize, imageSize }: IResNetShape & BackboneSize): Backbone {
  checkSizes(layers, embeddingSize, imageSize)
  const list = new NodeList()
  let x = conv(list, 'conv1', 'images', { in: 3, out: WIDTHS[0], kernel: 3 })
  x = list.batchNorm('bn1', x, WIDTHS[0])
  x = list.prelu('prelu', x, WIDTHS[0])
  let channels: number = WIDTHS[0]
  layers.forEach((blocks, level) => {
    const out = WIDTHS[level]!
    for (let index = 0; index < blocks; index++) {
      const stride = index === 0 ? 2 : 1
      x = block(list, `layer${level + 1}.${index}`, x, { in: channels, out, stride })
      channels = out
    }
  })
  x = list.batchNorm('bn2', x, channels)
  const flat = list.operation('flatten', 'flatten', [x], {})
  const size = { in: channels * (imageSize / 16) ** 2, out: embeddingSize }
  // The default of PyTorch's Linear.
  const bound = 1 / Math.sqrt(size.in)
  const linear = list.linear('fc', flat, size, { weight: { bound }, bias: { bound } })
  list.batchNorm('features', linear, embeddingSize, { weight: 'frozen' })
  return {
    name: 'iresnet',
    inputSize: { height: imageSize, width: imageSize },
    embeddingSize,
    nodes: list.nodes,
    tail: linear,
  }
}

/** BatchNorm, convolution, BatchNorm, PReLU, convolution, BatchNorm, and the input, through 1x1 where sizes differ. */
function block(
  list: NodeList,
  name: string,
  input: string,
  { in: channels, out, stride }: { in: number; out: number; stride: number },
): string {
  let x = list.batchNorm(`${name}.bn1`, input, channels)
  x = conv(list, `${name}.conv1`, x, { in: channels, out, kernel: 3 })
  x = list.batchNorm(`${name}.bn2`, x, out)
  x = list.prelu(`${name}.prelu`, x, out)
  x = conv(list, `${name}.conv2`, x, { in: out, out, kernel: 3, stride })
  x = list.batchNorm(`${name}.bn3`, x, out)
  let identity = input
  if (stride !== 1) {
    identity = conv(list, `${name}.downsample.0`, input, { in: channels, out, kernel: 1, stride })
    identity = list.batchNorm(`${name}.downsample.1`, identity, out)
  }
  return list.operation('add', name, [x, identity], {})
}

function conv(
  list: NodeList,
  name: string,
  input: string,
  shape: { in: number; out: number; kernel: number; stride?: number },
): string {
  const { stride = 1, kernel } = shape
  return list.conv2d(name, input, { ...shape, stride, padding: (kernel - 1) / 2, groups: 1 }, CONVOLUTION)
}

function checkSizes(layers: readonly number[], embeddingSize: number, imageSize: number): void {
  if (layers.length !== 4 || !layers.every((count) => Number.isInteger(count) && count >= 1)) {
    throw new UsageError(`network: layers must be four whole numbers from 1 on, not [${layers}]`)
  }
  if (!Number.isInteger(embeddingSize) || embeddingSize < 1) {
    throw new UsageError(`embedding_size must be a whole number from 1 on, not ${embeddingSize}`)
  }
  if (!Number.isInteger(imageSize) || imageSize < 16 || imageSize % 16 !== 0) {
    throw new UsageError(`iresnet: images must be a multiple of 16 pixels wide and high, not ${imageSize}`)
  }
}
