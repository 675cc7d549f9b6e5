import type { Graph, Value } from '../graph.js'
import type { StateVariable } from '../variables.js'

/** One trained parameter on its way through the optimizer. */
export interface Update<Scalar extends string> {
  parameter: StateVariable
  gradient: Value
  /** What the optimizer keeps for the parameter, in the order of `OPTIMIZER_SLOTS`. */
  slots: readonly StateVariable[]
  /** Those of `optimizerScalars`. */
  scalars: Readonly<Record<Scalar, Value>>
}

/** An optimizer as TensorFlow operators. */
export interface Optimizer<Options, Scalar extends string = string> {
  /** Moves the parameter and its slots; the nodes that do. */
  update(graph: Graph, options: Options, update: Update<Scalar>): string[]
}
