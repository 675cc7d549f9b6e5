import type { Node } from '../network/index.js'
import type { ForwardResult } from './kernel.js'

/** What the walks read of a node; engines put some of their own in the place of the network's. */
type WalkedNode = Pick<Node, 'name' | 'inputs' | 'parameters'>

/** A node in the graph, and what its way back needs. */
export interface LoweredStep<Walked extends WalkedNode, Value> {
  node: Walked
  output: Value
  saved: readonly Value[]
}

/** A node list in the graph. */
export interface LoweredNodes<Value> {
  /** Of the last node, float32. */
  output: Value
  /** New values of the statistics, by parameter name. */
  buffers: ReadonlyMap<string, Value>
  /** Adds the way back from the gradient of the output; gradients are float32. */
  backward(gradient: Value): Gradients<Value>
}

/** By name: gradients of the network's inputs, and of its trained parameters; frozen ones have none. */
export interface Gradients<Value> {
  inputs: ReadonlyMap<string, Value>
  parameters: ReadonlyMap<string, Value>
}

/** Gradients of a node's inputs, in their order (undefined where none passes), and of its parameters. */
export interface BackwardResult<Value> {
  inputs: readonly (Value | undefined)[]
  parameters?: ReadonlyMap<string, Value>
}

/** Lowers nodes in order, by a kernel that `lower` chooses. `inputs` are the network's own, by name. */
export function walkForward<Walked extends WalkedNode, Value, Result extends ForwardResult<Value>>(
  nodes: readonly Walked[],
  inputs: Readonly<Record<string, Value>>,
  lower: (node: Walked, arriving: readonly Value[]) => Result,
): { steps: (Result & LoweredStep<Walked, Value>)[]; buffers: ReadonlyMap<string, Value> } {
  const values = new Map(Object.entries(inputs))
  const steps = nodes.map((node) => {
    const arriving = node.inputs.map((input) => {
      const value = values.get(input)
      if (value === undefined) throw new Error(`node ${input} is used before it is made`)
      return value
    })
    const result = lower(node, arriving)
    values.set(node.name, result.output)
    return { ...result, node }
  })
  return { steps, buffers: new Map(steps.flatMap(({ buffers }) => [...(buffers ?? [])])) }
}

/** How an engine takes one step back. */
export interface BackwardEngine<Step, Value> {
  /** `gradient` is that of the loss by the node's output, as the nodes that read it left it. */
  backward(step: Step, gradient: Value): BackwardResult<Value>
  /** The gradient of a value that another node reads too; in the form of the first. */
  add(first: Value, other: Value): Value
}

/** Walks lowered nodes back from the gradient of the last one's output. */
export function walkBack<Step extends { node: WalkedNode }, Value>(
  steps: readonly Step[],
  gradient: Value,
  engine: BackwardEngine<Step, Value>,
): Gradients<Value> {
  const gradients = new Map([[steps.at(-1)!.node.name, gradient]])
  const parameters = new Map<string, Value>()
  for (const step of steps.toReversed()) {
    const { name, inputs, parameters: all } = step.node
    const arriving = gradients.get(name)
    if (arriving === undefined) continue
    gradients.delete(name)
    const result = engine.backward(step, arriving)
    const frozen = all.filter(({ role }) => role === 'frozen').map((parameter) => parameter.name)
    for (const [parameter, value] of result.parameters ?? []) {
      if (!frozen.includes(parameter)) parameters.set(parameter, value)
    }
    result.inputs.forEach((value, index) => {
      if (value === undefined) return
      const input = inputs[index]!
      const other = gradients.get(input)
      gradients.set(input, other === undefined ? value : engine.add(other, value))
    })
  }
  return { inputs: gradients, parameters }
}

/** The same names with other values. */
export function mapped<Value>(
  values: ReadonlyMap<string, Value> = new Map(),
  change: (value: Value) => Value,
): ReadonlyMap<string, Value> {
  return new Map([...values].map(([name, value]) => [name, change(value)]))
}
