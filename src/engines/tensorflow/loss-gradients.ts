import { PIXEL_MEAN, PIXEL_STD } from '../pixels.js'
import { inState, type NetworkParts, ofPart } from '../state-layout.js'
import type { Graph, Value } from './graph.js'
import type { Lowering } from './kernel.js'
import { lowerBackward, lowerForward } from './lowering.js'

/** What forward and backward pass over a batch come to; names as in the state. */
export interface LossGradients {
  loss: Value
  /** Of each trained parameter, in its form on the device. */
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
  /** A scalar: the loss is multiplied by it and the gradients are divided by it (`loss-scaling.ts`). */
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
  const backboneLowering = { graph, training: true, parameters: ofPart('backbone', state), float16 }
  const headLowering: Lowering = { graph, training: true, parameters: ofPart('head', state) }
  const images = normalizedImages(graph, pixels)
  const embedding = lowerForward(backboneLowering, parts.backbone, { images })
  const loss = lowerForward(headLowering, parts.head, { embedding: embedding.output, labels })

  const head = lowerBackward(headLowering, loss, lossScale ?? graph.constant(1))
  const backbone = lowerBackward(backboneLowering, embedding, head.inputs.get('embedding')!)
  const gradients = inState({ backbone: backbone.parameters, head: head.parameters })
  return {
    loss: loss.output,
    gradients: lossScale === undefined ? gradients : unscaled(graph, gradients, lossScale),
    statistics: inState({ backbone: embedding.buffers, head: loss.buffers }),
  }
}

function unscaled(graph: Graph, gradients: ReadonlyMap<string, Value>, lossScale: Value): Map<string, Value> {
  const inverse = graph.divide(1, lossScale)
  return new Map([...gradients].map(([name, gradient]) => [name, graph.multiply(gradient, inverse)]))
}

/** Bytes [N, 3, H, W] as the network takes them, in the graph's layout. */
export function normalizedImages(graph: Graph, pixels: Value): Value {
  const values = graph.multiply(graph.subtract(graph.cast(pixels, 'float32'), PIXEL_MEAN), 1 / PIXEL_STD)
  // Turned last: oneDNN complains on standard error of bytes that it shall turn without AVX-512, and TensorFlow's
  // optimizer would move the turn to before the cast.
  return graph.layout === 'NHWC' ? graph.transpose(values, [0, 2, 3, 1]) : values
}
