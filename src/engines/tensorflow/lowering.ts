import type { Node, Op } from '../../network/index.js'
import { type LoweredNodes, mapped, walkBack, walkForward } from '../node-walk.js'
import type { Value } from './graph.js'
import type { Kernel, Lowering } from './kernel.js'
import { kernels } from './kernels/index.js'

/** Adds the nodes in order. `inputs` are the network's own, by name. */
export function lower(
  lowering: Lowering,
  nodes: readonly Node[],
  inputs: Readonly<Record<string, Value>>,
): LoweredNodes<Value> {
  const { graph } = lowering
  const { steps, buffers } = walkForward(nodes, inputs, (node, arriving) => {
    // A node and the kernel of its op belong together, which the types cannot say for a union of nodes.
    const kernel = kernels[node.op] as unknown as Kernel<Op>
    const taken = arriving.map((value) => inPrecision(lowering, node, value))
    return { kernel, ...kernel.forward(lowering, node as never, taken) }
  })
  return {
    output: graph.toFloat(steps.at(-1)!.output),
    buffers,
    backward(gradient) {
      const { inputs: ofInputs, parameters } = walkBack(steps, gradient, {
        backward({ node, kernel, output, saved }, arriving) {
          const own = graph.castLike(arriving, output)
          const result = kernel.backward(lowering, node as never, saved, own)
          return { ...result, parameters: mapped(result.parameters, (value) => graph.toFloat(value)) }
        },
        add: (first, other) => graph.add(first, graph.castLike(other, first)),
      })
      return { inputs: mapped(ofInputs, (value) => graph.toFloat(value)), parameters }
    },
  }
}

/** Labels and other integers stay as they are. */
function inPrecision({ graph, float16 }: Lowering, node: Node, value: Value): Value {
  if (value.type !== 'float32' && value.type !== 'float16') return value
  return graph.cast(value, float16?.has(node.name) ? 'float16' : 'float32')
}
