import type { Node } from '../../network/index.js'
import {
  type Gradients,
  type LoweredNodes,
  type LoweredStep,
  mapped,
  walkBack,
  walkForward,
} from '../node-walk.js'
import { centreConvolutions } from './blocked/centre-convolutions.js'
import { fuseBatchNormPrelu } from './blocked/fuse-batch-norm-prelu.js'
import { LayoutChanges } from './blocked/layout-changes.js'
import { computedAgain, KEPT_BYTES } from './computed-again.js'
import type { Value } from './graph.js'
import type { LoweredNode, Lowering } from './kernel.js'
import { chooseKernel } from './kernel-choice.js'

interface Lowered extends LoweredNodes<Value> {
  steps: readonly LoweredStep<LoweredNode, Value>[]
  /** `keptBytes` is what may be kept of the forward pass where it can be computed again. */
  backward(gradient: Value, keptBytes?: number): Gradients<Value>
}

/** Adds the nodes in order. `inputs` are the network's own, by name, row-major float32. */
export function lower(
  lowering: Lowering,
  nodes: readonly Node[],
  inputs: Readonly<Record<string, Value>>,
): Lowered {
  const { graph, float16 } = lowering
  const layouts = new LayoutChanges(graph)
  const rowMajorFloat = (value: Value) => graph.inPrecision(layouts.inLayout(value, undefined))
  const like = (value: Value, other: Value) => graph.castLike(layouts.inLayout(value, other.block), other)
  const own = graph.block === undefined ? nodes : blockedNodes(nodes, graph.block)
  const { steps, buffers } = walkForward(own, inputs, (node: LoweredNode, arriving) => {
    const { kernel, block } = chooseKernel(lowering, node, arriving)
    const precision = float16?.has(node.name) ? 'float16' : 'float32'
    const taken = arriving.map((value) => graph.inPrecision(layouts.inLayout(value, block), precision))
    // A node and the kernel of its op belong together, which the types cannot say for a union of nodes.
    return { kernel, ...kernel.forward(lowering, node as never, taken) }
  })
  return {
    output: rowMajorFloat(steps.at(-1)!.output),
    steps,
    buffers,
    backward(gradient, keptBytes = KEPT_BYTES) {
      const atHand = computedAgain(steps, keptBytes)
      const { inputs: ofInputs, parameters } = walkBack(steps, gradient, {
        backward({ node, kernel, output, saved }, arriving) {
          const result = kernel.backward(lowering, node as never, saved.map(atHand), like(arriving, output))
          return { ...result, parameters: mapped(result.parameters, (value) => graph.inPrecision(value)) }
        },
        add: (first, other) => graph.add(first, like(other, first)),
      })
      return { inputs: mapped(ofInputs, rowMajorFloat), parameters }
    },
  }
}

/** The node list after the passes of the blocked lowering. */
function blockedNodes(nodes: readonly Node[], block: number): LoweredNode[] {
  return centreConvolutions(fuseBatchNormPrelu(nodes, block), block)
}
