import { ADAMW_BETAS, ADAMW_EPSILON, type AdamwOptions } from '../../network/index.js'
import type { AdamwScalar } from '../optimizer-scalars.js'
import type { Optimizer } from './optimizer.js'

const [FIRST, SECOND] = ADAMW_BETAS

export const adamw: Optimizer<AdamwOptions, AdamwScalar> = {
  update(graph, _, { parameter, gradient, slots, scalars }) {
    const [mean, square] = slots as [(typeof slots)[0], (typeof slots)[0]]
    const nextMean = graph.add(mean, graph.multiply(graph.subtract(gradient, mean), 1 - FIRST))
    const squared = graph.multiply(gradient, gradient)
    const nextSquare = graph.add(graph.multiply(square, SECOND), graph.multiply(squared, 1 - SECOND))
    const deviation = graph.divide(graph.unary('Sqrt', nextSquare), scalars.second_moment_correction)
    const direction = graph.divide(nextMean, graph.add(deviation, ADAMW_EPSILON))
    const moved = graph.subtract(
      graph.multiply(parameter, scalars.decay),
      graph.multiply(direction, scalars.step_size),
    )
    return { parameter: moved, slots: [nextMean, nextSquare] }
  },
}
