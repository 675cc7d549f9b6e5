import type { Graph, Value } from '../graph.js'

/** One trained parameter on its way through the optimizer. */
export interface Update<Scalar extends string> {
  /** Each tensor has its elements in one axis: the CPU provider multiplies [256, 256, 1, 1] by a scalar sixty times slower. */
  parameter: Value
  gradient: Value
  /** What the optimizer keeps for the parameter, in the order of `OPTIMIZER_SLOTS`. */
  slots: readonly Value[]
  /** Those of `optimizerScalars`. */
  scalars: Readonly<Record<Scalar, Value>>
}

/** An optimizer as ONNX operators. */
export interface Optimizer<Options, Scalar extends string = string> {
  /** The parameter and its slots after the update. */
  update(graph: Graph, options: Options, update: Update<Scalar>): { parameter: Value; slots: Value[] }
}
