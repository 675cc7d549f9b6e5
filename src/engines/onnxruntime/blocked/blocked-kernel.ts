import type { Value } from '../graph.js'
import type { Kernel, LoweredNodeOf, LoweredOp } from '../kernel.js'

/** A kernel of the blocked lowering. Its output is blocked. */
export interface BlockedKernel<O extends LoweredOp> extends Kernel<O> {
  /** Whether it can take this node. The inputs' layouts are those that their own kernels left. */
  accepts(node: LoweredNodeOf<O>, inputs: readonly Value[], block: number): boolean
  /** Takes its inputs row-major, where others take blocks. */
  rowMajorInputs?: true
}

/** Whether blocks hold all of the value's channels. */
export function fillsBlocks({ shape }: Value, block: number): boolean {
  return shape.length === 4 && shape[1]! % block === 0
}

/** For operations without weights: they stay in the layout that they find. */
export function arriveBlocked(inputs: readonly Value[]): boolean {
  return inputs.some((input) => input.block !== undefined)
}
