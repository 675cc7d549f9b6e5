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

/** Adds the nodes in order. `inputs` are the network's own, by name; the output is float32. */
export function lowerForward(
  lowering: Lowering,
  nodes: readonly Node[],
  inputs: Readonly<Record<string, Value>>,
): LoweredNodes {
  const { graph } = lowering
  const values = new Map<string, Value>(Object.entries(inputs))
  const steps: LoweredStep[] = []
  const buffers = new Map<string, Value>()
  for (const node of nodes) {
    // A node and the kernel of its op belong together, which the types cannot say for a union of nodes.
    const kernel = kernels[node.op] as unknown as Kernel<Op>
    const arriving = node.inputs.map((input) => inPrecision(lowering, node, lookUp(values, input)))
    const { output, saved, buffers: own } = kernel.forward(lowering, node as never, arriving)
    values.set(node.name, output)
    steps.push({ node, kernel, output, saved })
    for (const [name, value] of own ?? []) buffers.set(name, value)
  }
  return { output: graph.cast(steps.at(-1)!.output, 'float32'), steps, buffers }
}

/** Gradients, float32, of the network's inputs, by name, and of its trained parameters; frozen ones have none. */
export interface Gradients {
  inputs: ReadonlyMap<string, Value>
  parameters: ReadonlyMap<string, Value>
}

/** Walks the nodes back from the gradient of the last one's output. */
export function lowerBackward(lowering: Lowering, { steps }: LoweredNodes, gradient: Value): Gradients {
  const { graph } = lowering
  const gradients = new Map([[steps.at(-1)!.node.name, gradient]])
  const parameters = new Map<string, Value>()
  for (const { node, kernel, output, saved } of steps.toReversed()) {
    const arriving = gradients.get(node.name)
    if (arriving === undefined) continue
    gradients.delete(node.name)
    const own = graph.cast(arriving, output.type)
    const result = kernel.backward(lowering, node as never, saved, own)
    const frozen = node.parameters.filter(({ role }) => role === 'frozen').map(({ name }) => name)
    for (const [name, value] of result.parameters ?? []) {
      if (!frozen.includes(name)) parameters.set(name, value)
    }
    result.inputs.forEach((value, index) => {
      if (value === undefined) return
      const name = node.inputs[index]!
      const other = gradients.get(name)
      gradients.set(name, other === undefined ? value : graph.add(other, graph.cast(value, other.type)))
    })
  }
  const inputs = [...gradients].map(([name, value]) => [name, graph.cast(value, 'float32')] as const)
  return { inputs: new Map(inputs), parameters }
}

function lookUp(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`node ${name} is used before it is made`)
  return value
}

/** Labels and other integers stay as they are. */
function inPrecision({ graph, float16 }: Lowering, node: Node, value: Value): Value {
  if (value.type !== 'float32' && value.type !== 'float16') return value
  return graph.cast(value, float16?.has(node.name) ? 'float16' : 'float32')
}
