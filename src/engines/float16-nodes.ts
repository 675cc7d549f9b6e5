import type { Backbone, Op } from '../network/index.js'

/**
 * Mixed precision as upstream's autocast: the nodes of these operations before the embedding's tail, by name, compute in
 * float16. Between two nodes of different precision a lowering casts; parameters are float32 and are cast where they are
 * read.
 */
export function nodesBeforeTail({ nodes, tail }: Backbone, operations: ReadonlySet<Op>): ReadonlySet<string> {
  const end = nodes.findIndex(({ name }) => name === tail)
  const before = nodes.slice(0, end).filter(({ op }) => operations.has(op))
  return new Set(before.map(({ name }) => name))
}
