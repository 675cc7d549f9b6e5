import { elementCount } from '../../network/index.js'
import { PIXEL_MEAN, PIXEL_STD } from '../pixels.js'
import { inState, type NetworkParts, ofPart } from '../state-layout.js'
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
  const backboneLowering = { graph, training: true, parameters: ofPart('backbone', state), float16 }
  const headLowering: Lowering = { graph, training: true, parameters: ofPart('head', state) }
  const embedding = lowerForward(backboneLowering, parts.backbone, { images })
  const loss = lowerForward(headLowering, parts.head, { embedding: embedding.output, labels })

  const head = lowerBackward(headLowering, loss, lossScale ?? graph.constant(1))
  const embeddingGradient = head.inputs.get('embedding')!
  const backbone = lowerBackward(backboneLowering, embedding, embeddingGradient)
  const gradients = inState({ backbone: backbone.parameters, head: head.parameters })
  return {
    loss: loss.output,
    gradients: lossScale === undefined ? gradients : unscaled(graph, gradients, lossScale),
    statistics: inState({ backbone: embedding.buffers, head: loss.buffers }),
  }
}

function unscaled(graph: Graph, gradients: ReadonlyMap<string, Value>, lossScale: Value): Map<string, Value> {
  const inverse = graph.reciprocal(lossScale)
  const divided = [...gradients].map(([name, gradient]) => {
    return [name, graph.reshape(graph.multiply(flat(graph, gradient), inverse), gradient.shape)] as const
  })
  return new Map(divided)
}

/** In one axis: the CPU provider multiplies [256, 256, 1, 1] by a scalar sixty times slower. */
function flat(graph: Graph, value: Value): Value {
  return graph.reshape(value, [elementCount(value.shape)])
}
