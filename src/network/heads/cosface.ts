import { z } from 'zod'
import type { MarginKind } from './margin.js'

const options = z.strictObject({
  name: z.literal('cosface'),
  m: z.number().min(0).default(0.4).describe('Margin on the cosine.'),
})

/** CosFace: cos(angle) - m (Wang et al., arXiv 1801.09414). */
export const cosface: MarginKind<typeof options> = {
  options,
  hasGradients: false,
  nodes: ({ list, options: { m }, target }) =>
    list.operation('scale', 'target_margin', [target], { factor: 1, offset: -m }),
}
