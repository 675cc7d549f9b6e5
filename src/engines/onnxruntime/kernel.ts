import type { NodeOf, Op, ParameterSpec } from '../../network/index.js'
import type { Kernel as KernelOf, Lowering as LoweringOf, ForwardResult as ResultOf } from '../kernel.js'
import type { Graph, Value } from './graph.js'

export type Lowering = LoweringOf<Graph, Value>

/**
 * Nodes that passes of the blocked lowering put in the place of others (`blocked/fuse-batch-norm-prelu.ts`,
 * `blocked/centre-convolutions.ts`).
 */
export interface FusedAttributes {
  batchNormPrelu: { batchNorm: NodeOf<'batchNorm'>; prelu: NodeOf<'prelu'> }
  centredConv2d: { conv2d: NodeOf<'conv2d'> }
}

export interface FusedNodeOf<O extends keyof FusedAttributes> {
  /** That of the last of its nodes. */
  name: string
  op: O
  inputs: readonly string[]
  attributes: FusedAttributes[O]
  parameters: readonly ParameterSpec[]
}

export type LoweredOp = Op | keyof FusedAttributes

export type LoweredNodeOf<O extends LoweredOp> = O extends Op
  ? NodeOf<O>
  : O extends keyof FusedAttributes
    ? FusedNodeOf<O>
    : never

export type LoweredNode = { [O in LoweredOp]: LoweredNodeOf<O> }[LoweredOp]

/** The nodes that read each value, by its name. */
export function readersOf<N extends LoweredNode>(nodes: readonly N[]): Map<string, N[]> {
  const readers = new Map<string, N[]>()
  for (const node of nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node])
  }
  return readers
}

export interface ForwardResult extends ResultOf<Value> {
  /** Computes the output once more: where kernels read it on the way back, it need not be kept until then. */
  again?: (() => Value) | undefined
}

export interface Kernel<O extends LoweredOp> extends KernelOf<Graph, Value, LoweredNodeOf<O>> {
  forward(lowering: Lowering, node: LoweredNodeOf<O>, inputs: readonly Value[]): ForwardResult
}
