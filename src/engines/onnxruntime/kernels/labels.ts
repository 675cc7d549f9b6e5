import type { Graph, Value } from '../graph.js'

/** Positions for GatherElements: [N, 1]. */
export function labelColumn(graph: Graph, labels: Value): Value {
  return graph.reshape(labels, [labels.shape[0]!, 1])
}

/** True in the column of each row's label: bool, [N, classes]. */
export function isLabel(graph: Graph, labels: Value, classes: number): Value {
  const columns = graph.int32s(Array.from({ length: classes }, (_, column) => column))
  const shape = [labels.shape[0]!, classes]
  return graph.node('Equal', [labelColumn(graph, labels), graph.reshape(columns, [1, classes])], shape)
}

/** The element of each row in its label's column: [N, 1]. */
export function atLabel(graph: Graph, x: Value, labels: Value): Value {
  return graph.node('GatherElements', [x, labelColumn(graph, labels)], [x.shape[0]!, 1], { axis: 1 })
}
