import { z } from 'zod'
import { angularMargin } from './angular-margin.js'
import type { MarginKind } from './margin.js'

const options = z.strictObject({
  name: z.literal('arcface'),
  m: z.number().min(0).lt(Math.PI).default(0.5).describe('Margin on the angle, in radians.'),
})

/**
 * ArcFace: cos(angle + m) (Deng et al., arXiv 1801.07698). Its exact form continues linearly below cos(pi - m), where
 * the margin would turn round.
 */
export const arcface: MarginKind<typeof options> = {
  options,
  hasGradients: true,
  nodes({ list, options: { m }, target, gradient }) {
    const margin = angularMargin(list, target, { factor: 1, offset: m })
    if (gradient === 'straight-through') {
      return list.operation('straightThrough', 'target_margin', [margin, target], {})
    }
    const line = list.operation('scale', 'line', [target], { factor: 1, offset: -Math.sin(Math.PI - m) * m })
    const threshold = Math.cos(Math.PI - m)
    return list.operation('selectAbove', 'target_margin', [target, margin, line], { threshold })
  },
}
