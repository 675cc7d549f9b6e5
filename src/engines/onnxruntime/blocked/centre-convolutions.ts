import { type LoweredNode, readersOf } from '../kernel.js'

/** A 1x1 convolution that a BatchNorm alone reads becomes one that takes the mean out itself. */
export function centreConvolutions(nodes: readonly LoweredNode[], block: number): LoweredNode[] {
  const readers = readersOf(nodes)
  return nodes.map((node) => {
    if (node.op !== 'conv2d') return node
    const { kernel, stride, groups } = node.attributes
    const [out, inside] = node.parameters[0]!.shape as [number, number]
    const isPointwise = kernel === 1 && stride === 1 && groups === 1
    if (!isPointwise || out % block !== 0 || inside % block !== 0) return node
    const read = readers.get(node.name) ?? []
    const normalised = read.length === 1 && ['batchNorm', 'batchNormPrelu'].includes(read[0]!.op)
    return normalised ? { ...node, op: 'centredConv2d', attributes: { conv2d: node } } : node
  })
}
