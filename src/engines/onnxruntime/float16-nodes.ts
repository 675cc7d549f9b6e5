import type { Backbone, Op } from '../../network/index.js'

/**
 * Operations that gain from float16: convolutions, and those without statistics or sums between them. BatchNorm stays
 * in float32, as do the sums over images and pixels that make parameter gradients (`kernels/conv2d.ts`).
 */
const GAINING: ReadonlySet<Op> = new Set<Op>(['conv2d', 'prelu', 'add'])

/**
 * Mixed precision as upstream's autocast: the nodes before the embedding's tail that compute in float16. Between two
 * nodes of different precision the lowering casts, as it reorders between different layouts; parameters are float32 and
 * are cast where they are read.
 */
export function float16Nodes({ nodes, tail }: Backbone): ReadonlySet<string> {
  const end = nodes.findIndex(({ name }) => name === tail)
  const before = nodes.slice(0, end).filter(({ op }) => GAINING.has(op))
  return new Set(before.map(({ name }) => name))
}
