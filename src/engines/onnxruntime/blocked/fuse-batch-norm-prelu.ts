import type { Node } from '../../../network/index.js'
import { type FusedNodeOf, type LoweredNode, readersOf } from '../kernel.js'

/** A PReLU that alone reads an image's BatchNorm becomes one node with it. */
export function fuseBatchNormPrelu(nodes: readonly Node[], block: number): LoweredNode[] {
  const readers = readersOf(nodes)
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const fused = new Map<string, FusedNodeOf<'batchNormPrelu'>>()
  const absorbed = new Set<string>()
  for (const prelu of nodes) {
    if (prelu.op !== 'prelu') continue
    const batchNorm = byName.get(prelu.inputs[0]!)
    if (batchNorm?.op !== 'batchNorm' || readers.get(batchNorm.name)!.length > 1) continue
    const convolution = byName.get(batchNorm.inputs[0]!)
    if (convolution?.op !== 'conv2d' || prelu.parameters[0]!.shape[0]! % block !== 0) continue
    absorbed.add(batchNorm.name)
    fused.set(prelu.name, {
      name: prelu.name,
      op: 'batchNormPrelu',
      inputs: batchNorm.inputs,
      attributes: { batchNorm, prelu },
      parameters: [...batchNorm.parameters, ...prelu.parameters],
    })
  }
  return nodes.filter(({ name }) => !absorbed.has(name)).map((node) => fused.get(node.name) ?? node)
}
