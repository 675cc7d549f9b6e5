import type { Node } from '../../network/index.js'
import { centreConvolutions } from './blocked/centre-convolutions.js'
import { fuseBatchNormPrelu } from './blocked/fuse-batch-norm-prelu.js'
import { LayoutChanges } from './blocked/layout-changes.js'
import { computedAgain, KEPT_BYTES } from './computed-again.js'
import type { Value } from './graph.js'
import { type Kernel, type LoweredNode, type LoweredOp, type Lowering, precisionOf } from './kernel.js'
import { chooseKernel } from './kernel-choice.js'

/** A node in the graph, and what its way back needs. */
export interface LoweredStep {
  node: LoweredNode
  kernel: Kernel<LoweredOp>
  output: Value
  saved: readonly Value[]
  again: (() => Value) | undefined
}

/** A node list in the graph. */
export interface LoweredNodes {
  output: Value
  steps: readonly LoweredStep[]
  layouts: LayoutChanges
  /** New values of the statistics, by parameter name. */
  buffers: ReadonlyMap<string, Value>
}

/** Adds the nodes in order. `inputs` are the network's own, by name; they and the output are row-major float32. */
export function lowerForward(
  lowering: Lowering,
  nodes: readonly Node[],
  inputs: Readonly<Record<string, Value>>,
): LoweredNodes {
  const { graph } = lowering
  const layouts = new LayoutChanges(graph)
  const values = new Map<string, Value>(Object.entries(inputs))
  const steps: LoweredStep[] = []
  const buffers = new Map<string, Value>()
  for (const node of graph.block === undefined ? nodes : blockedNodes(nodes, graph.block)) {
    const arriving = node.inputs.map((input) => lookUp(values, input))
    const { kernel, block: wanted } = chooseKernel(lowering, node, arriving)
    const precision = precisionOf(lowering, node)
    const taken = arriving.map((value) => graph.inPrecision(layouts.inLayout(value, wanted), precision))
    // A node and the kernel of its op belong together, which the types cannot say for a union of nodes.
    const result = kernel.forward(lowering, node as never, taken)
    values.set(node.name, result.output)
    steps.push({ node, kernel, output: result.output, saved: result.saved, again: result.again })
    for (const [name, value] of result.buffers ?? []) buffers.set(name, value)
  }
  const output = graph.inPrecision(layouts.inLayout(steps.at(-1)!.output, undefined))
  return { output, steps, layouts, buffers }
}

/** The node list after the passes of the blocked lowering. */
function blockedNodes(nodes: readonly Node[], block: number): LoweredNode[] {
  return centreConvolutions(fuseBatchNormPrelu(nodes, block), block)
}

/** Gradients, float32, of the network's inputs, by name, and of its trained parameters; frozen ones have none. */
export interface Gradients {
  inputs: ReadonlyMap<string, Value>
  parameters: ReadonlyMap<string, Value>
}

/**
 * Walks the nodes back from the gradient of the last one's output. `keptBytes` is what may be kept of the forward pass
 * where it can be computed again.
 */
export function lowerBackward(
  lowering: Lowering,
  { steps, layouts }: LoweredNodes,
  gradient: Value,
  keptBytes = KEPT_BYTES,
): Gradients {
  const { graph } = lowering
  const gradients = new Map([[steps.at(-1)!.node.name, gradient]])
  const parameters = new Map<string, Value>()
  const atHand = computedAgain(steps, keptBytes)
  for (const { node, kernel, output, saved } of steps.toReversed()) {
    const arriving = gradients.get(node.name)
    if (arriving === undefined) continue
    gradients.delete(node.name)
    const own = graph.inPrecision(layouts.inLayout(arriving, output.block), output.precision)
    const kept = saved.map(atHand)
    const result = kernel.backward(lowering, node as never, kept, own)
    const frozen = node.parameters.filter(({ role }) => role === 'frozen').map(({ name }) => name)
    for (const [name, value] of result.parameters ?? []) {
      if (!frozen.includes(name)) parameters.set(name, graph.inPrecision(value))
    }
    result.inputs.forEach((value, index) => {
      if (value === undefined) return
      const name = node.inputs[index]!
      const other = gradients.get(name)
      if (other === undefined) gradients.set(name, value)
      else {
        const like = graph.inPrecision(layouts.inLayout(value, other.block), other.precision)
        gradients.set(name, graph.add(other, like))
      }
    })
  }
  const inputs = [...gradients].map(([name, value]) => {
    return [name, graph.inPrecision(layouts.inLayout(value, undefined))] as const
  })
  return { inputs: new Map(inputs), parameters }
}

function lookUp(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`node ${name} is used before it is made`)
  return value
}
