import type { Node, Op } from '../../network/index.js'
import { type Gradients, walkBack } from '../gradient-walk.js'
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

/** Walks the nodes back from the gradient of the last one's output; gradients are float32. */
export function lowerBackward(
  lowering: Lowering,
  { steps }: LoweredNodes,
  gradient: Value,
): Gradients<Value> {
  const { graph } = lowering
  const { inputs, parameters } = walkBack(steps, gradient, {
    backward({ node, kernel, output, saved }, arriving) {
      return kernel.backward(lowering, node as never, saved, graph.cast(arriving, output.type))
    },
    add: (first, other) => graph.add(first, graph.cast(other, first.type)),
  })
  return {
    inputs: new Map([...inputs].map(([name, value]) => [name, graph.cast(value, 'float32')])),
    parameters,
  }
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
