import type { Graph, Value } from '../graph.js'

/** True in the column of each row's label: bool, [N, classes]. */
export function isLabel(graph: Graph, labels: Value, classes: number): Value {
  const shape = [labels.shape[0]!, classes]
  return graph.node(
    'OneHot',
    [labels, graph.integers(classes), graph.truth(true), graph.truth(false)],
    { T: { type: 'bool' }, TI: { type: 'int32' }, axis: -1 },
    [{ type: 'bool', shape }],
  )[0]!
}

/** The element of each row in its label's column: [N, 1]. */
export function atLabel(graph: Graph, x: Value, labels: Value): Value {
  const rows = x.shape[0]!
  const column = graph.reshape(labels, [rows, 1])
  return graph.node(
    'GatherV2',
    [x, column, graph.integers(1)],
    { Tparams: { type: x.type }, Tindices: { type: 'int32' }, Taxis: { type: 'int32' }, batch_dims: 1 },
    [{ type: x.type, shape: [rows, 1] }],
  )[0]!
}
