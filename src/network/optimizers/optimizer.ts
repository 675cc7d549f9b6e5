import type { AdamwOptions } from './adamw.js'
import type { SgdOptions } from './sgd.js'

export type OptimizerOptions = SgdOptions | AdamwOptions

/**
 * What each optimizer keeps for a trained parameter, in PyTorch's words: tensors of the parameter's shape, zeros before
 * the first update.
 */
export const OPTIMIZER_SLOTS: Readonly<Record<OptimizerOptions['name'], readonly string[]>> = {
  sgd: ['momentum_buffer'],
  adamw: ['exp_avg', 'exp_avg_sq'],
}
