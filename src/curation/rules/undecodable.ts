import type { Rule } from '../rule.js'

/** Images that no decoder reads to their end: training would stop at them. */
export const undecodable: Rule = {
  name: 'undecodable',
  summary: 'cannot be decoded',
  needsModel: false,

  find(images, _threshold, findings) {
    for (const position of [...images.undecodable.keys()].sort((a, b) => a - b)) {
      findings.add('undecodable', position, 1)
    }
  },
}
