import type { OptimizerOptions } from '../../network/index.js'
import { adamw } from './adamw.js'
import type { Optimizer } from './optimizer.js'
import { sgd } from './sgd.js'

/** The optimizer of these options. */
export function optimizerOf({ name }: OptimizerOptions): Optimizer<OptimizerOptions> {
  // Options and the optimizer of their name belong together, which the table's type cannot say for a union.
  return { sgd, adamw }[name] as Optimizer<OptimizerOptions>
}
