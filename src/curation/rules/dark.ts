import type { Rule } from '../rule.js'

/**
 * Images that are nearly black. The default, 40, finds none of LFW's aligned photos, whose mean luma goes from 45 to
 * a median of 116, and 1 in 400 of a set of web photos with a median of 117.
 */
export const dark: Rule = {
  name: 'dark',
  summary: 'hardly any light: the mean luma, 0 to 255',
  threshold: {
    description: 'smallest mean luma, 0 to 255',
    default: 40,
    minimum: 0,
    maximum: 255,
    found: 'below',
  },
  needsModel: false,

  find({ count, brightness, undecodable }, threshold, findings) {
    for (let position = 0; position < count; position++) {
      if (brightness[position]! < threshold && !undecodable.has(position)) {
        findings.add('dark', position, brightness[position]!)
      }
    }
  },
}
