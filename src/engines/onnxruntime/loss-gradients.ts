import { elementCount } from '../../network/index.js'
import { PIXEL_MEAN, PIXEL_STD } from '../pixels.js'
import type { NetworkParts } from '../state-layout.js'
import type { Graph, Value } from './graph.js'
import type { Lowering } from './kernel.js'
import { lowerBackward, lowerForward } from './lowering.js'

/** What forward and backward pass over a batch come to; names as in the state. */
export interface LossGradients {
  loss: Value
  /** Of each trained parameter, in its shape. */
  gradients: ReadonlyMap<string, Value>
  /** New values of the running statistics. */
  statistics: ReadonlyMap<string, Value>
}

/** What a step works on. */
export interface LossInputs {
  /** uint8 [B, 3, H, W] */
  pixels: Value
  /** int32 [B] */
  labels: Value
  /**
   * A scalar: the loss is multiplied by it and the gradients are divided by it, so that small gradients are no zeros in
   * float16. Without it nothing is scaled.
   */
  lossScale?: Value | undefined
}

/** Adds forward pass, loss and backward pass, the nodes of `float16` in that precision. */
export function lossGradients(
  graph: Graph,
  parts: NetworkParts,
  state: ReadonlyMap<string, Value>,
  { pixels, labels, lossScale }: LossInputs,
  float16?: ReadonlySet<string>,
): LossGradients {
  const images = graph.multiply(graph.subtract(graph.toFloat(pixels), PIXEL_MEAN), 1 / PIXEL_STD)
  const backboneLowering = { ...lowering(graph, state, 'backbone.'), float16 }
  const headLowering = lowering(graph, state, 'head.')
  const embedding = lowerForward(backboneLowering, parts.backbone, { images })
  const loss = lowerForward(headLowering, parts.head, { embedding: embedding.output, labels })

  const head = lowerBackward(headLowering, loss, lossScale ?? graph.constant(1))
  const embeddingGradient = head.inputs.get('embedding')!
  const backbone = lowerBackward(backboneLowering, embedding, embeddingGradient)
  const gradients = [...prefixed('backbone.', backbone.parameters), ...prefixed('head.', head.parameters)]
  return {
    loss: loss.output,
    gradients: new Map(lossScale === undefined ? gradients : unscaled(graph, gradients, lossScale)),
    statistics: new Map([...prefixed('backbone.', embedding.buffers), ...prefixed('head.', loss.buffers)]),
  }
}

function unscaled(graph: Graph, gradients: readonly [string, Value][], lossScale: Value): [string, Value][] {
  const inverse = graph.reciprocal(lossScale)
  return gradients.map(([name, gradient]) => {
    return [name, graph.reshape(graph.multiply(flat(graph, gradient), inverse), gradient.shape)]
  })
}

/** In one axis: the CPU provider multiplies [256, 256, 1, 1] by a scalar sixty times slower. */
export function flat(graph: Graph, value: Value): Value {
  return graph.reshape(value, [elementCount(value.shape)])
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
