import type { Node, Op } from '../../network/index.js'
import type { Value } from './graph.js'
import type { Kernel, Lowering } from './kernel.js'
import { kernels } from './kernels/index.js'

/** A node in the graph, and what its way back needs. */
interface LoweredStep {
  node: Node
  kernel: Kernel<Op>
  output: Value
  saved: readonly Value[]
}

/** A node list in the graph. */
export interface LoweredNodes {
  output: Value
  steps: readonly LoweredStep[]
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
  const steps: LoweredStep[] = []
  const buffers = new Map<string, Value>()
  for (const node of nodes) {
    // A node and the kernel of its op belong together, which the types cannot say for a union of nodes.
    const kernel = kernels[node.op] as unknown as Kernel<Op>
    const arriving = node.inputs.map((input) => lookUp(values, input))
    const { output, saved, buffers: own } = kernel.forward(lowering, node as never, arriving)
    values.set(node.name, output)
    steps.push({ node, kernel, output, saved })
    for (const [name, value] of own ?? []) buffers.set(name, value)
  }
  return { output: steps.at(-1)!.output, steps, buffers }
}

/** Gradients of the network's inputs, by name, and of its trained parameters; frozen ones have none. */
export interface Gradients {
  inputs: ReadonlyMap<string, Value>
  parameters: ReadonlyMap<string, Value>
}

/** Walks the nodes back from the gradient of the last one's output. */
export function lowerBackward(lowering: Lowering, { steps }: LoweredNodes, gradient: Value): Gradients {
  const gradients = new Map([[steps.at(-1)!.node.name, gradient]])
  const parameters = new Map<string, Value>()
  for (const { node, kernel, saved } of steps.toReversed()) {
    const arriving = gradients.get(node.name)
    if (arriving === undefined) continue
    gradients.delete(node.name)
    const result = kernel.backward(lowering, node as never, saved, arriving)
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

function lookUp(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`node ${name} is used before it is made`)
  return value
}
