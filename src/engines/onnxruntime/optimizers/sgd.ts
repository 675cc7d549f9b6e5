import type { SgdOptions } from '../../../network/index.js'
import type { SgdScalar } from '../../optimizer-scalars.js'
import type { Optimizer } from './optimizer.js'

/** PyTorch's first step takes the gradient as the momentum: a momentum of zeros does the same. */
export const sgd: Optimizer<SgdOptions, SgdScalar> = {
  update(graph, { momentum, weightDecay }, { parameter, gradient, slots, scalars }) {
    const decayed = weightDecay === 0 ? gradient : graph.add(gradient, graph.multiply(parameter, weightDecay))
    const next = graph.add(graph.multiply(slots[0]!, momentum), decayed)
    const moved = graph.subtract(parameter, graph.multiply(next, scalars.learning_rate))
    return { parameter: moved, slots: [next] }
  },
}
