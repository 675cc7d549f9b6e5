import { ADAMW_BETAS, ADAMW_EPSILON, type AdamwOptions } from '../../../network/index.js'
import type { Optimizer } from './optimizer.js'

const [FIRST, SECOND] = ADAMW_BETAS

/** The bias corrections are scalars of the update: 0.999 to the power of the count is worked out in float64. */
export const adamw: Optimizer<AdamwOptions, 'decay' | 'step_size' | 'second_moment_correction'> = {
  scalars: ({ weightDecay }, learningRate, update) => ({
    decay: 1 - learningRate * weightDecay,
    step_size: learningRate / (1 - FIRST ** update),
    second_moment_correction: Math.sqrt(1 - SECOND ** update),
  }),
  update(graph, _, { parameter, gradient, slots, scalars }) {
    const [mean, square] = slots as [(typeof slots)[0], (typeof slots)[0]]
    const nextMean = graph.add(mean, graph.multiply(graph.subtract(gradient, mean), 1 - FIRST))
    const squared = graph.multiply(gradient, gradient)
    const nextSquare = graph.add(graph.multiply(square, SECOND), graph.multiply(squared, 1 - SECOND))
    const deviation = graph.divide(graph.squareRoot(nextSquare), scalars.second_moment_correction)
    const direction = graph.divide(nextMean, graph.add(deviation, ADAMW_EPSILON))
    const moved = graph.subtract(
      graph.multiply(parameter, scalars.decay),
      graph.multiply(direction, scalars.step_size),
    )
    return { parameter: moved, slots: [nextMean, nextSquare] }
  },
}
