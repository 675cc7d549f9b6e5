import { z } from 'zod'
import { angularMargin } from './angular-margin.js'
import type { MarginKind } from './margin.js'

const options = z.strictObject({
  name: z.literal('combined'),
  m1: z.number().describe('Factor on the angle.'),
  m2: z.number().describe('Margin on the angle, in radians.'),
  m3: z.number().describe('Margin on the cosine.'),
})

/** The combined form: cos(m1 * angle + m2) - m3 (Deng et al., arXiv 1801.07698, equation 4). */
export const combined: MarginKind<typeof options> = {
  options,
  hasGradients: true,
  nodes({ list, options: { m1, m2, m3 }, target, gradient }) {
    const angular = angularMargin(list, target, { factor: m1, offset: m2 })
    const margin = list.operation('scale', 'combined_margin', [angular], { factor: 1, offset: -m3 })
    if (gradient === 'exact') return margin
    return list.operation('straightThrough', 'target_margin', [margin, target], {})
  },
}
