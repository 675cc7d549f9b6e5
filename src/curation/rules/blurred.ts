import type { Rule } from '../rule.js'

/**
 * Images without sharp edges: see `sharpness`. The default, 15, finds 1 in 1,400 of LFW's aligned photos, whose median
 * is 147, and 1 in 400 of a set of web photos with a median of 323.
 */
export const blurred: Rule = {
  name: 'blurred',
  summary: 'nothing is sharp: the variance of the Laplacian',
  threshold: {
    description: 'smallest variance of the Laplacian',
    default: 15,
    minimum: 0,
    maximum: 1e6,
    found: 'below',
  },
  needsModel: false,

  find({ count, sharpness, undecodable }, threshold, findings) {
    for (let position = 0; position < count; position++) {
      if (sharpness[position]! < threshold && !undecodable.has(position)) {
        findings.add('blurred', position, sharpness[position]!)
      }
    }
  },
}
