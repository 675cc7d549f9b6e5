import type { Node, NodeOf, Op, ParameterSpec } from '../../network/index.js'
import type { BackwardResult } from '../gradient-walk.js'
import type { Graph, Precision, Value } from './graph.js'

/** Where a graph is being built from nodes. */
export interface Lowering {
  graph: Graph
  /** Batch statistics and their updates, or running statistics. */
  training: boolean
  /** Values of the parameters, by the names that the nodes give them. */
  parameters: ReadonlyMap<string, Value>
  /** Names of the nodes that compute in float16 (`float16-nodes.ts`); none without it. */
  float16?: ReadonlySet<string> | undefined
}

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

/** What a node leaves for its backward pass and for the state. */
export interface ForwardResult {
  output: Value
  /** Values that `backward` reads, in an order of the kernel's own. */
  saved: Value[]
  /** New values of the node's statistics, by parameter name. */
  buffers?: ReadonlyMap<string, Value>
  /** Computes the output once more: where kernels read it on the way back, it need not be kept until then. */
  again?: (() => Value) | undefined
}

/** One operation, forward and backward. */
export interface Kernel<O extends LoweredOp> {
  forward(lowering: Lowering, node: LoweredNodeOf<O>, inputs: readonly Value[]): ForwardResult
  /** `saved` is what `forward` left; `gradient` that of the loss by the node's output, in the output's layout. */
  backward(
    lowering: Lowering,
    node: LoweredNodeOf<O>,
    saved: readonly Value[],
    gradient: Value,
  ): BackwardResult<Value>
}

/** Of a node's inputs, parameters and output. */
export function precisionOf({ float16 }: Lowering, { name }: { name: string }): Precision {
  return float16?.has(name) ? 'float16' : 'float32'
}

/** The value of the node's parameter that is called `suffix` in its PyTorch module, in the node's precision. */
export function parameterOf(lowering: Lowering, node: Node, suffix: string): Value {
  const value = lowering.parameters.get(`${node.name}.${suffix}`)
  if (value === undefined) throw new Error(`${node.name} was lowered without its ${suffix}`)
  return lowering.graph.inPrecision(value, precisionOf(lowering, node))
}
