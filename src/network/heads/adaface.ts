import { z } from 'zod'
import type { MarginKind } from './margin.js'

const options = z.strictObject({
  name: z.literal('adaface'),
  m: z.number().min(0).default(0.4).describe('Margin, divided between angle and cosine.'),
  h: z
    .number()
    .min(0)
    .default(0.333)
    .describe('How many standard deviations of the norm make the whole margin move.'),
  t_alpha: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Weight of a batch in the running statistics of norms.'),
})

/** The paper's code keeps cosines and angles so far from where their derivatives are infinite. */
const EPSILON = 1e-3

/** Before the first step. */
const NORM_MEAN = 20
const NORM_DEVIATION = 100

/**
 * AdaFace (Kim et al., arXiv 2204.00964): the norm of an embedding, taken for the quality of its image, moves the
 * margin. With s its distance from the running mean in running standard deviations, times h, within [-1, 1]:
 * cos(angle - m * s) - (m + m * s). No gradient passes through the norms. The running statistics are those after the
 * step's own batch; the state has them as `head.batch_mean` and `head.batch_std`, [1].
 */
export const adaface: MarginKind<typeof options> = {
  options,
  hasGradients: false,
  cosineLimit: 1 - EPSILON,
  nodes({ list, options: { m, h, t_alpha }, target }) {
    const length = list.operation('l2Norm', 'norm', ['embedding'], {})
    const limited = list.operation('clip', 'limited_norm', [length], { minimum: 0.001, maximum: 100 })
    const norm = list.operation('detach', 'detached_norm', [limited], {})
    const deviation = list.standardize('norm_deviation', norm, {
      mean: { name: 'batch_mean', initial: NORM_MEAN },
      deviation: { name: 'batch_std', initial: NORM_DEVIATION },
      momentum: t_alpha,
      epsilon: EPSILON,
    })
    const scaled = list.operation('scale', 'scaled_deviation', [deviation], { factor: h, offset: 0 })
    const quality = list.operation('clip', 'margin_scaler', [scaled], { minimum: -1, maximum: 1 })

    const angle = list.operation('acos', 'angle', [target], {})
    const angularPart = list.operation('scale', 'angular_part', [quality], { factor: -m, offset: 0 })
    const widened = list.operation('add', 'widened_angle', [angle, angularPart], {})
    const limits = { minimum: EPSILON, maximum: Math.PI - EPSILON }
    const cosine = list.operation(
      'cos',
      'angular_margin',
      [list.operation('clip', 'limited_angle', [widened], limits)],
      {},
    )
    const additivePart = list.operation('scale', 'additive_part', [quality], { factor: -m, offset: -m })
    return list.operation('add', 'target_margin', [cosine, additivePart], {})
  },
}
