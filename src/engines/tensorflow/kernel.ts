import type { Node, NodeOf, Op } from '../../network/index.js'
import type { BackwardResult } from '../gradient-walk.js'
import type { Graph, Value } from './graph.js'

/** Where a graph is being built from nodes. */
export interface Lowering {
  graph: Graph
  /** Batch statistics and their updates, or running statistics. */
  training: boolean
  /** Float32 values of the parameters in the form of `filter-form.ts`, by the names that the nodes give them. */
  parameters: ReadonlyMap<string, Value>
  /** Names of the nodes that compute in float16 (`float16-nodes.ts`); none without it. */
  float16?: ReadonlySet<string> | undefined
}

/** What a node leaves for its backward pass and for the state. */
export interface ForwardResult {
  output: Value
  /** Values that `backward` reads, in an order of the kernel's own. */
  saved: Value[]
  /** New values of the node's statistics, by parameter name. */
  buffers?: ReadonlyMap<string, Value>
}

/** One operation, forward and backward. Images lie in the graph's layout. */
export interface Kernel<O extends Op> {
  forward(lowering: Lowering, node: NodeOf<O>, inputs: readonly Value[]): ForwardResult
  /** `saved` is what `forward` left; `gradient` that of the loss by the node's output, in the output's form and type. */
  backward(
    lowering: Lowering,
    node: NodeOf<O>,
    saved: readonly Value[],
    gradient: Value,
  ): BackwardResult<Value>
}

/** The value of the node's parameter that is called `suffix` in its PyTorch module. */
export function parameterOf(lowering: Lowering, node: Node, suffix: string): Value {
  const value = lowering.parameters.get(`${node.name}.${suffix}`)
  if (value === undefined) throw new Error(`${node.name} was lowered without its ${suffix}`)
  return value
}
