import { ADAMW_BETAS, type OptimizerOptions } from '../network/index.js'

/** Numbers of an update that change from one to the next: inputs of a graph, worked out in float64. */
export type SgdScalar = 'learning_rate'
export type AdamwScalar = 'decay' | 'step_size' | 'second_moment_correction'

/** `update` counts from 1. The bias corrections of AdamW are in the scalars. */
export function optimizerScalars(
  options: OptimizerOptions,
  learningRate: number,
  update: number,
): Record<string, number> {
  if (options.name === 'sgd') return { learning_rate: learningRate } satisfies Record<SgdScalar, number>
  const [first, second] = ADAMW_BETAS
  return {
    decay: 1 - learningRate * options.weightDecay,
    step_size: learningRate / (1 - first ** update),
    second_moment_correction: Math.sqrt(1 - second ** update),
  } satisfies Record<AdamwScalar, number>
}
