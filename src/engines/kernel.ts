import type { Node, NodeOf, Op } from '../network/index.js'
import type { BackwardResult } from './node-walk.js'
import type { GraphValue, Operators } from './operators.js'

/** Where a graph is being built from nodes. */
export interface Lowering<Graph, Value> {
  graph: Graph
  /** Batch statistics and their updates, or running statistics. */
  training: boolean
  /** Float32 values of the parameters as they lie on the device, by the names that the nodes give them. */
  parameters: ReadonlyMap<string, Value>
  /** Names of the nodes that compute in float16 (`float16-nodes.ts`); none without it. */
  float16?: ReadonlySet<string> | undefined
}

/** What a node leaves for its backward pass and for the state. */
export interface ForwardResult<Value> {
  output: Value
  /** Values that `backward` reads, in an order of the kernel's own. */
  saved: Value[]
  /** New values of the node's statistics, by parameter name. */
  buffers?: ReadonlyMap<string, Value>
}

/** One operation of an engine, forward and backward. */
export interface Kernel<Graph, Value, Node> {
  forward(lowering: Lowering<Graph, Value>, node: Node, inputs: readonly Value[]): ForwardResult<Value>
  /** `saved` is what `forward` left; `gradient` that of the loss by the node's output, in the output's form and precision. */
  backward(
    lowering: Lowering<Graph, Value>,
    node: Node,
    saved: readonly Value[],
    gradient: Value,
  ): BackwardResult<Value>
}

/** One operation from operators that every engine has. */
export interface CommonKernel<O extends Op> {
  forward<Value extends GraphValue>(
    lowering: Lowering<Operators<Value>, Value>,
    node: NodeOf<O>,
    inputs: readonly Value[],
  ): ForwardResult<Value>
  backward<Value extends GraphValue>(
    lowering: Lowering<Operators<Value>, Value>,
    node: NodeOf<O>,
    saved: readonly Value[],
    gradient: Value,
  ): BackwardResult<Value>
}

/** The value of the node's parameter that is called `suffix` in its PyTorch module. */
export function parameterOf<Value>(
  { parameters }: Pick<Lowering<unknown, Value>, 'parameters'>,
  node: Node,
  suffix: string,
): Value {
  const value = parameters.get(`${node.name}.${suffix}`)
  if (value === undefined) throw new Error(`${node.name} was lowered without its ${suffix}`)
  return value
}
