import type { Rule } from '../rule.js'

/**
 * Images of few pixels. Of the default, 32: scaled up to the 112 pixels of a network such a face has a ninth of the
 * detail. A dataset that was scaled when it was packed has no small images: what it scaled up, the blurred rule finds.
 */
export const small: Rule = {
  name: 'small',
  summary: 'few pixels: the shorter side',
  threshold: {
    description: 'smallest shorter side in pixels',
    default: 32,
    minimum: 1,
    maximum: 65_535,
    found: 'below',
  },
  needsModel: false,

  find({ count, sides, undecodable }, threshold, findings) {
    for (let position = 0; position < count; position++) {
      if (sides[position]! < threshold && !undecodable.has(position)) {
        findings.add('small', position, sides[position]!)
      }
    }
  },
}
