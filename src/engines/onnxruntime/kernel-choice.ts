import { blockedKernels } from './blocked/kernels/index.js'
import type { Value } from './graph.js'
import type { Kernel, LoweredNode, LoweredOp, Lowering } from './kernel.js'
import { kernels } from './kernels/index.js'

export interface KernelChoice {
  kernel: Kernel<LoweredOp>
  /** Layout of the inputs that it takes: channels of a block, or row-major. */
  block: number | undefined
}

/** The blocked kernel that accepts the node, where the lowering has blocks, else the portable one. */
export function chooseKernel(
  { graph: { block } }: Lowering,
  node: LoweredNode,
  inputs: readonly Value[],
): KernelChoice {
  const found =
    block === undefined
      ? undefined
      : blockedKernels[node.op]?.find((kernel) => kernel.accepts(node as never, inputs, block))
  if (found !== undefined) {
    return {
      kernel: found as unknown as Kernel<LoweredOp>,
      block: found.rowMajorInputs ? undefined : block,
    }
  }
  if (node.op === 'batchNormPrelu' || node.op === 'centredConv2d') {
    throw new Error(`${node.name}: ${node.op}, and no kernel takes it`)
  }
  return { kernel: kernels[node.op] as unknown as Kernel<LoweredOp>, block: undefined }
}
