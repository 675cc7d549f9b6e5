import type { Graph, Value } from './graph.js'

/** bool: whether every one of these scalars is a number and not infinite. */
export function areFinite(graph: Graph, scalars: readonly Value[]): Value {
  const type = 'bool'
  const [first, ...others] = scalars.map(
    (value): Value => ({ ...graph.operator('IsFinite', [value], []), type }),
  )
  return others.reduce(
    (all, other) => graph.node('LogicalAnd', [all, other], {}, [{ type, shape: [] }])[0]!,
    first!,
  )
}

/** The value if the bool scalar is true; else nothing, and nothing that needs it is computed. */
export function onlyIf(graph: Graph, condition: Value, value: Value): Value {
  return switched(graph, condition, value)[1]!
}

/** Once these nodes have run, which are of `onlyIf`: where the condition is false, at once. */
export function afterChoice(graph: Graph, condition: Value, nodes: readonly string[]): Value {
  const [otherwise, chosen] = switched(graph, condition, graph.integers(1))
  const ran = graph.afterAll(chosen!, nodes)
  const attributes = { T: { type: 'int32' }, N: 2 } as const
  const outputs = [ran, { type: 'int32', shape: [] } as const]
  return graph.node('Merge', [otherwise!, ran], attributes, outputs)[0]!
}

/** The value on the first output where the condition is false, on the second where it is true. */
function switched(graph: Graph, condition: Value, value: Value): Value[] {
  return graph.node('Switch', [value, condition], { T: { type: value.type } }, [value, value])
}
