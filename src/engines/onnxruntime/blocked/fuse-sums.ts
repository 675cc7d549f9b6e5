import type { OnnxNode } from '../../../onnx/index.js'
import { BLOCKED_DOMAIN } from './layout.js'

/**
 * Adds within convolutions: where an Add alone reads a convolution of the blocked domain that adds nothing yet and has
 * no activation, the convolution takes the Add's place and its other operand. A residual sum and the sum of two
 * gradients then cost no pass of their own.
 */
export function fuseSums(nodes: readonly OnnxNode[]): OnnxNode[] {
  const readers = new Map<string, number>()
  for (const input of nodes.flatMap(({ inputs }) => inputs)) readers.set(input, (readers.get(input) ?? 0) + 1)
  const free = new Map<string, OnnxNode>()
  const absorbed = new Set<OnnxNode>()
  const result = nodes.map((node) => {
    const [output] = node.outputs as [string]
    if (isPlainConvolution(node)) free.set(output, node)
    if (node.op !== 'Add') return node
    const chosen = node.inputs.find((input) => free.has(input) && readers.get(input) === 1)
    if (chosen === undefined) return node
    const convolution = free.get(chosen)!
    absorbed.add(convolution)
    free.delete(chosen)
    const other = node.inputs[node.inputs.indexOf(chosen) === 0 ? 1 : 0]!
    const [x, filter, bias = ''] = convolution.inputs as [string, string, string?]
    return { ...convolution, inputs: [x, filter, bias, other], outputs: node.outputs }
  })
  return result.filter((node) => !absorbed.has(node))
}

function isPlainConvolution({ op, domain, inputs, attributes }: OnnxNode): boolean {
  return op === 'Conv' && domain === BLOCKED_DOMAIN && inputs.length < 4 && !('activation' in attributes)
}
