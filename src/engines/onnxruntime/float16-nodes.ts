import type { Backbone, Op } from '../../network/index.js'
import { nodesBeforeTail } from '../float16-nodes.js'

/**
 * Operations that gain from float16: convolutions, and those without statistics or sums between them. BatchNorm stays
 * in float32, as do the sums over images and pixels that make parameter gradients (`kernels/conv2d.ts`).
 */
const GAINING: ReadonlySet<Op> = new Set<Op>(['conv2d', 'prelu', 'add'])

/** The nodes that compute in float16. */
export function float16Nodes(backbone: Backbone): ReadonlySet<string> {
  return nodesBeforeTail(backbone, GAINING)
}
