import { ADAMW_BETAS, ADAMW_EPSILON, type AdamwOptions } from '../../../network/index.js'
import type { AdamwScalar } from '../../optimizer-scalars.js'
import type { Optimizer } from './optimizer.js'

const [FIRST, SECOND] = ADAMW_BETAS

/** From single operators: TensorFlow has no Adam with decoupled decay. */
export const adamw: Optimizer<AdamwOptions, AdamwScalar> = {
  update(graph, _, { parameter, gradient, slots, scalars }) {
    const [mean, square] = slots as [(typeof slots)[0], (typeof slots)[0]]
    const nextMean = graph.add(mean.value, graph.multiply(graph.subtract(gradient, mean.value), 1 - FIRST))
    const squared = graph.unary('Square', gradient)
    const nextSquare = graph.add(graph.multiply(square.value, SECOND), graph.multiply(squared, 1 - SECOND))
    const deviation = graph.divide(graph.unary('Sqrt', nextSquare), scalars.second_moment_correction)
    const direction = graph.divide(nextMean, graph.add(deviation, ADAMW_EPSILON))
    const moved = graph.subtract(
      graph.multiply(parameter.value, scalars.decay),
      graph.multiply(direction, scalars.step_size),
    )
    return [mean.assign(nextMean), square.assign(nextSquare), parameter.assign(moved)]
  },
}
