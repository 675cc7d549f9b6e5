import type { Node, Op } from '../../network/index.js'
import type { Value } from './graph.js'
import type { BackwardResult, ForwardResult, Kernel, Lowering } from './kernel.js'
import { kernels } from './kernels/index.js'

/** A node list in the graph: every value by its node's name, and what the way back needs. */
export interface LoweredNodes {
  output: Value
  saved: ReadonlyMap<string, readonly Value[]>
  /** New values of the statistics, by parameter name. */
  buffers: ReadonlyMap<string, Value>
}

/** Adds the nodes in order. `inputs` are the network's own, by name. */
export function lowerForward(
  lowering: Lowering,
  nodes: readonly Node[],
  inputs: Readonly<Record<string, Value>>,
): LoweredNodes {
  const values = new Map<string, Value>(Object.entries(inputs))
  const saved = new Map<string, readonly Value[]>()
  const buffers = new Map<string, Value>()
  for (const node of nodes) {
    const result = forward(
      lowering,
      node,
      node.inputs.map((input) => lookUp(values, input)),
    )
    values.set(node.name, result.output)
    saved.set(node.name, result.saved)
    for (const [name, value] of result.buffers ?? []) buffers.set(name, value)
  }
  return { output: lookUp(values, nodes.at(-1)!.name), saved, buffers }
}

/** Gradients of the network's inputs, by name, and of its trained parameters; frozen ones have none. */
export interface Gradients {
  inputs: ReadonlyMap<string, Value>
  parameters: ReadonlyMap<string, Value>
}

/** Walks the nodes back from the gradient of the last one's output. */
export function lowerBackward(
  lowering: Lowering,
  nodes: readonly Node[],
  { saved }: LoweredNodes,
  gradient: Value,
): Gradients {
  const gradients = new Map([[nodes.at(-1)!.name, gradient]])
  const parameters = new Map<string, Value>()
  for (const node of nodes.toReversed()) {
    const own = gradients.get(node.name)
    if (own === undefined) continue
    gradients.delete(node.name)
    const result = backward(lowering, node, saved.get(node.name) ?? [], own)
    const frozen = node.parameters.filter(({ role }) => role === 'frozen').map(({ name }) => name)
    for (const [name, value] of result.parameters ?? []) {
      if (!frozen.includes(name)) parameters.set(name, value)
    }
    result.inputs.forEach((value, index) => {
      if (value === undefined) return
      const name = node.inputs[index]!
      const other = gradients.get(name)
      gradients.set(name, other === undefined ? value : lowering.graph.add(other, value))
    })
  }
  return { inputs: gradients, parameters }
}

// A node and the kernel of its op belong together, which the table's type cannot say for a union of nodes.
function forward<O extends Op>(lowering: Lowering, node: Node, inputs: Value[]): ForwardResult {
  return (kernels[node.op] as Kernel<O>).forward(
    lowering,
    node as Parameters<Kernel<O>['forward']>[1],
    inputs,
  )
}

function backward<O extends Op>(
  lowering: Lowering,
  node: Node,
  saved: readonly Value[],
  gradient: Value,
): BackwardResult {
  const kernel = kernels[node.op] as Kernel<O>
  return kernel.backward(lowering, node as Parameters<Kernel<O>['backward']>[1], saved, gradient)
}

function lookUp(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`node ${name} is used before it is made`)
  return value
}
