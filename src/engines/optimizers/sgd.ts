import type { SgdOptions } from '../../network/index.js'
import type { Operators } from '../operators.js'
import type { SgdScalar } from '../optimizer-scalars.js'
import type { Optimizer, Update } from './optimizer.js'

/** PyTorch's first step takes the gradient as the momentum: a momentum of zeros does the same. */
export const sgd: Optimizer<SgdOptions, SgdScalar> = {
  update(graph, options, update) {
    const decayed = decayedGradient(graph, options, update)
    const next = graph.add(graph.multiply(update.slots[0]!, options.momentum), decayed)
    const moved = graph.subtract(update.parameter, graph.multiply(next, update.scalars.learning_rate))
    return { parameter: moved, slots: [next] }
  },
}

/** The gradient with that of the weight decay, which is coupled. */
export function decayedGradient<Value>(
  graph: Operators<Value>,
  { weightDecay }: SgdOptions,
  { parameter, gradient }: Pick<Update<Value>, 'parameter' | 'gradient'>,
): Value {
  return weightDecay === 0 ? gradient : graph.add(gradient, graph.multiply(parameter, weightDecay))
}
