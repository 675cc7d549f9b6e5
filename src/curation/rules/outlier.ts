import type { Rule } from '../rule.js'

/**
 * Photos that are not like the others of their identity: wrong people. See `personScores` for the value. With a wrong
 * photo put into each of LFW's identities the default, 0.3, finds 96 to 99 % of them and 1 in 1,500 of the right ones;
 * in 99.7 % of the identities the wrong photo has the lowest value. Of a noisy set of web photos it finds 6 %. In an
 * identity of two photos that are not alike, it finds both: nobody can tell which one is wrong.
 */
export const outlier: Rule = {
  name: 'outlier',
  summary:
    'not like the other photos of its identity: the mean of the cosines to their centre and to the 3 most alike',
  threshold: {
    description: 'smallest likeness to the other photos of the identity, a cosine',
    default: 0.3,
    minimum: -1,
    maximum: 1,
    found: 'below',
  },
  needsModel: true,

  find({ people }, threshold, findings) {
    const scores = people!.scores()
    for (let position = 0; position < scores.length; position++) {
      if (scores[position]! < threshold) findings.add('outlier', position, scores[position]!)
    }
  },
}
