import type { Operators } from '../operators.js'

/** One trained parameter on its way through the optimizer. */
export interface Update<Value, Scalar extends string = string> {
  parameter: Value
  gradient: Value
  /** What the optimizer keeps for the parameter, in the order of `OPTIMIZER_SLOTS`. */
  slots: readonly Value[]
  /** Those of `optimizerScalars`. */
  scalars: Readonly<Record<Scalar, Value>>
}

/** An optimizer from operators that every engine has. */
export interface Optimizer<Options, Scalar extends string = string> {
  /** The parameter and its slots after the update. */
  update<Value>(
    graph: Operators<Value>,
    options: Options,
    update: Update<Value, Scalar>,
  ): { parameter: Value; slots: Value[] }
}
