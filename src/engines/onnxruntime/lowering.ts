import type { Node } from '../../network/index.js'
import { type Gradients, walkBack } from '../gradient-walk.js'
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

/**
 * Walks the nodes back from the gradient of the last one's output; gradients are float32. `keptBytes` is what may be
 * kept of the forward pass where it can be computed again.
 */
export function lowerBackward(
  lowering: Lowering,
  { steps, layouts }: LoweredNodes,
  gradient: Value,
  keptBytes = KEPT_BYTES,
): Gradients<Value> {
  const { graph } = lowering
  const atHand = computedAgain(steps, keptBytes)
  const like = (value: Value, { block, precision }: Value): Value => {
    return graph.inPrecision(layouts.inLayout(value, block), precision)
  }
  const { inputs, parameters } = walkBack(steps, gradient, {
    backward({ node, kernel, output, saved }, arriving) {
      const own = like(arriving, output)
      const result = kernel.backward(lowering, node as never, saved.map(atHand), own)
      return { ...result, parameters: mapped(result.parameters, (value) => graph.inPrecision(value)) }
    },
    add: (first, other) => graph.add(first, like(other, first)),
  })
  return {
    inputs: mapped(inputs, (value) => graph.inPrecision(layouts.inLayout(value, undefined))),
    parameters,
  }
}

function mapped(
  values: ReadonlyMap<string, Value> = new Map(),
  change: (value: Value) => Value,
): ReadonlyMap<string, Value> {
  return new Map([...values].map(([name, value]) => [name, change(value)]))
}

function lookUp(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  if (value === undefined) throw new Error(`node ${name} is used before it is made`)
  return value
}
