import {
  createTrainingSession,
  type RuntimeProvider,
  type TrainingBatch,
  type TrainingOptions,
  type TrainingSession,
} from '../../../../src/engines/index.js'
import { type Backbone, NodeList } from '../../../../src/network/index.js'
import { hashed } from '../../reference.js'

export const batchSize = 6
const imageSize = 8
const channels = 6

/** Every kind of convolution and layer in few nodes: software computes a step of it in a fraction of a second. */
export function smallBackbone(): Backbone {
  const list = new NodeList()
  const conv = (name: string, input: string, into: number, groups: number, stride: number): string => {
    const shape = { in: into, out: channels * 2, kernel: 3, stride, padding: 1, groups }
    const output = list.conv2d(name, input, shape, { deviation: 0.2 })
    return list.prelu(`${name}.prelu`, list.batchNorm(`${name}.norm`, output, channels * 2), channels * 2)
  }
  const stem = conv('stem', 'images', 3, 1, 2)
  const depthwise = conv('depthwise', stem, channels * 2, channels * 2, 1)
  const grouped = conv('grouped', depthwise, channels * 2, channels, 1)
  const sum = list.operation('add', 'sum', [stem, grouped], {})
  const features = (imageSize / 2) ** 2 * channels * 2
  const flat = list.operation('flatten', 'flat', [sum], {})
  const linear = list.linear(
    'fc',
    flat,
    { in: features, out: 16 },
    { weight: { deviation: 0.05 }, bias: { constant: 0 } },
  )
  return {
    name: 'small',
    inputSize: { height: imageSize, width: imageSize },
    embeddingSize: 16,
    nodes: list.nodes,
    tail: linear,
  }
}

export const smallOptions: TrainingOptions = {
  backbone: smallBackbone(),
  head: {
    ...{ margin: { name: 'cosface', m: 0.2 }, scale: 16 },
    ...{ marginGradient: 'exact', interclassFilteringThreshold: 0 },
  },
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  ...{ batchSize, classes: 20, seed: 7, threads: 1 },
}

export function createSession(
  provider: RuntimeProvider,
  changes: Partial<TrainingOptions> = {},
): Promise<TrainingSession> {
  return createTrainingSession({ ...smallOptions, ...changes, provider })
}

/** Noise of this side, with labels of twenty identities. */
export function batchOf(step: number, side = imageSize): TrainingBatch & { images: Uint8Array } {
  return {
    images: Uint8Array.from(hashed(batchSize * 3 * side ** 2, step), (value) => value >>> 24),
    labels: Int32Array.from({ length: batchSize }, (_, index) => (step * 7 + index * 3) % 20),
    learningRate: 0.005,
  }
}
