import type { Node } from '../network/index.js'
import type { Lowering } from './kernel.js'
import type { LoweredNodes } from './node-walk.js'
import type { Operators } from './operators.js'
import { inState, type NetworkParts, ofPart } from './state-layout.js'

/** What forward and backward pass over a batch come to; names as in the state. */
export interface LossGradients<Value> {
  loss: Value
  /** Of each trained parameter, as it lies on the device. */
  gradients: ReadonlyMap<string, Value>
  /** New values of the running statistics. */
  statistics: ReadonlyMap<string, Value>
}

/** The network of a step, in a graph. */
export interface LossNetwork<Graph, Value> {
  graph: Graph
  parts: NetworkParts
  /** Parameters and running statistics. */
  state: ReadonlyMap<string, Value>
  /** Nodes of the backbone that compute in float16. */
  float16: ReadonlySet<string> | undefined
}

/** What a step works on. */
export interface LossInputs<Value> {
  /** As the backbone takes them. */
  images: Value
  /** int32 [B] */
  labels: Value
  /** A scalar that makes the gradients so much larger (`loss-scaling.ts`). */
  lossScale: Value | undefined
}

/** Adds forward pass, loss and backward pass of a training step; `lower` is the engine's. */
export function lossGradients<Graph extends Operators<Value>, Value>(
  lower: (
    lowering: Lowering<Graph, Value>,
    nodes: readonly Node[],
    inputs: Readonly<Record<string, Value>>,
  ) => LoweredNodes<Value>,
  { graph, parts, state, float16 }: LossNetwork<Graph, Value>,
  { images, labels, lossScale }: LossInputs<Value>,
): LossGradients<Value> {
  const training = { graph, training: true }
  const ofBackbone = { ...training, parameters: ofPart('backbone', state), float16 }
  const backbone = lower(ofBackbone, parts.backbone, { images })
  const ofHead = { ...training, parameters: ofPart('head', state) }
  const head = lower(ofHead, parts.head, { embedding: backbone.output, labels })

  const headGradients = head.backward(lossScale ?? graph.constant(1))
  const backboneGradients = backbone.backward(headGradients.inputs.get('embedding')!)
  return {
    loss: head.output,
    gradients: inState({ backbone: backboneGradients.parameters, head: headGradients.parameters }),
    statistics: inState({ backbone: backbone.buffers, head: head.buffers }),
  }
}
