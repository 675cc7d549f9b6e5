import type { SgdOptions } from '../../../network/index.js'
import type { SgdScalar } from '../../optimizer-scalars.js'
import type { Optimizer } from './optimizer.js'

/**
 * PyTorch's first step takes the gradient as the momentum: a momentum of zeros does the same. ResourceApplyMomentum
 * keeps sums of gradients, as PyTorch does; the one that Keras uses keeps the rate in them, which differs where the
 * rate changes.
 */
export const sgd: Optimizer<SgdOptions, SgdScalar> = {
  update(graph, { momentum, weightDecay }, { parameter, gradient, slots, scalars }) {
    const [slot] = slots as [(typeof slots)[0]]
    const rate = scalars.learning_rate
    const decayed =
      weightDecay === 0 ? gradient : graph.add(gradient, graph.multiply(parameter.value, weightDecay))
    if (parameter.handle !== undefined && slot.handle !== undefined) {
      const inputs = [parameter.handle, slot.handle, rate, decayed, graph.constant(momentum)]
      return [graph.effect('ResourceApplyMomentum', inputs, { T: { type: 'float32' } })]
    }
    const next = graph.add(graph.multiply(slot.value, momentum), decayed)
    const moved = graph.subtract(parameter.value, graph.multiply(next, rate))
    return [slot.assign(next), parameter.assign(moved)]
  },
}
