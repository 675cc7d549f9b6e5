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

/** Adds forward pass, loss and backward pass. `pixels` uint8 [B, 3, H, W], `labels` int32 [B]. */
export function lossGradients(
  graph: Graph,
  parts: NetworkParts,
  state: ReadonlyMap<string, Value>,
  { pixels, labels }: { pixels: Value; labels: Value },
): LossGradients {
  const images = graph.multiply(graph.subtract(graph.toFloat(pixels), PIXEL_MEAN), 1 / PIXEL_STD)
  const backboneLowering = lowering(graph, state, 'backbone.')
  const headLowering = lowering(graph, state, 'head.')
  const embedding = lowerForward(backboneLowering, parts.backbone, { images })
  const loss = lowerForward(headLowering, parts.head, { embedding: embedding.output, labels })

  const head = lowerBackward(headLowering, loss, graph.constant(1))
  const embeddingGradient = head.inputs.get('embedding')!
  const backbone = lowerBackward(backboneLowering, embedding, embeddingGradient)
  return {
    loss: loss.output,
    gradients: new Map([
      ...prefixed('backbone.', backbone.parameters),
      ...prefixed('head.', head.parameters),
    ]),
    statistics: new Map([...prefixed('backbone.', embedding.buffers), ...prefixed('head.', loss.buffers)]),
  }
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
