import type { Backbone, Op } from '../../network/index.js'
import { nodesBeforeTail } from '../float16-nodes.js'

/**
 * Operations that gain from float16. BatchNorm is among them: its operator reads and writes float16 and keeps weights,
 * statistics and the sums for them in float32.
 */
const GAINING: ReadonlySet<Op> = new Set<Op>(['conv2d', 'batchNorm', 'prelu', 'add', 'flatten'])

/** The nodes that compute in float16. */
export function float16Nodes(backbone: Backbone): ReadonlySet<string> {
  return nodesBeforeTail(backbone, GAINING)
}
