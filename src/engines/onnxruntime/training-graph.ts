import { type Backbone, elementCount, type MarginHead, type SgdOptions } from '../../network/index.js'
import type { OnnxModel } from '../../onnx/index.js'
import { Graph, type Value } from './graph.js'
import type { Lowering } from './kernel.js'
import { lowerBackward, lowerForward } from './lowering.js'
import { clipByNorm, sgd } from './optimizers.js'
import { networkParts, stateLayout } from './state-layout.js'

export interface TrainingGraphOptions {
  backbone: Backbone
  head: MarginHead
  optimizer: SgdOptions
  batchSize: number
  classes: number
  /** Adds the gradients before clipping as outputs `gradient.*`, for tests. */
  gradients?: boolean
}

/** Upstream's `clip_grad_norm_` on the backbone; the head is not clipped. */
const GRADIENT_NORM_LIMIT = 5

/** Images become (x - 127.5) / 127.5. */
export const PIXEL_MEAN = 127.5
export const PIXEL_STD = 127.5

/** The output that becomes a state tensor's next value. */
export function nextName(name: string): string {
  return `next.${name}`
}

/**
 * One training step as one ONNX graph: forward, loss, backward, clipping, optimizer.
 * Inputs: `images` uint8 [B, 3, H, W], `labels` int32 [B], `learning_rate`, and the state. Outputs: `loss`,
 * `gradient_norm`, and the state as `next.*`.
 */
export function trainingGraph(options: TrainingGraphOptions): OnnxModel {
  const { backbone, head, batchSize, classes } = options
  const graph = new Graph()
  const { height, width } = backbone.inputSize
  const pixels = graph.input('images', 'uint8', [batchSize, 3, height, width])
  const labels = graph.input('labels', 'int32', [batchSize])
  const learningRate = graph.input('learning_rate', 'float32', [])
  const parts = networkParts(backbone, head, classes)
  const state = new Map<string, Value>()
  for (const { name, parameter } of stateLayout(parts)) {
    state.set(name, graph.input(name, 'float32', parameter.shape))
  }

  const images = graph.multiply(graph.subtract(graph.toFloat(pixels), PIXEL_MEAN), 1 / PIXEL_STD)
  const backboneLowering = lowering(graph, state, 'backbone.')
  const headLowering = lowering(graph, state, 'head.')
  const embedding = lowerForward(backboneLowering, parts.backbone, { images })
  const loss = lowerForward(headLowering, parts.head, { embedding: embedding.output, labels })
  graph.output('loss', loss.output)

  const headGradients = lowerBackward(headLowering, parts.head, loss, graph.constant(1))
  const embeddingGradient = headGradients.inputs.get('embedding')!
  const backboneGradients = lowerBackward(backboneLowering, parts.backbone, embedding, embeddingGradient)

  // In one axis: the CPU provider multiplies [256, 256, 1, 1] by a scalar sixty times slower.
  const flat = (value: Value) => graph.reshape(value, [elementCount(value.shape)])
  const flatGradients = (gradients: ReadonlyMap<string, Value>) =>
    new Map([...gradients].map(([name, gradient]) => [name, flat(gradient)]))
  const { norm, clipped } = clipByNorm(
    graph,
    flatGradients(backboneGradients.parameters),
    GRADIENT_NORM_LIMIT,
  )
  graph.output('gradient_norm', norm)
  const gradients = new Map([
    ...prefixed('backbone.', clipped),
    ...prefixed('head.', flatGradients(headGradients.parameters)),
  ])
  for (const [name, gradient] of gradients) {
    const momentumName = `optimizer.${name}`
    const parameter = state.get(name)!
    const momentum = state.get(momentumName)!
    const next = sgd(graph, options.optimizer, learningRate, {
      parameter: flat(parameter),
      momentum: flat(momentum),
      gradient,
    })
    graph.output(nextName(name), graph.reshape(next.parameter, parameter.shape))
    graph.output(nextName(momentumName), graph.reshape(next.momentum, momentum.shape))
  }
  const statistics = [...prefixed('backbone.', embedding.buffers), ...prefixed('head.', loss.buffers)]
  for (const [name, value] of statistics) graph.output(nextName(name), value)
  for (const { name, parameter } of stateLayout(parts)) {
    if (parameter.role === 'frozen') graph.output(nextName(name), state.get(name)!)
  }
  if (options.gradients) {
    const raw = [
      ...prefixed('backbone.', backboneGradients.parameters),
      ...prefixed('head.', headGradients.parameters),
    ]
    for (const [name, gradient] of raw) graph.output(`gradient.${name}`, gradient)
  }
  return graph.toModel('training_step')
}

function lowering(graph: Graph, state: ReadonlyMap<string, Value>, prefix: string): Lowering {
  const parameters = new Map<string, Value>()
  for (const [name, value] of state) {
    if (name.startsWith(prefix)) parameters.set(name.slice(prefix.length), value)
  }
  return { graph, training: true, parameters }
}

function prefixed(prefix: string, values: ReadonlyMap<string, Value>): [string, Value][] {
  return [...values].map(([name, value]) => [prefix + name, value])
}
