import type { Rule } from '../rule.js'
import { findSecondPerson } from '../second-person.js'

/**
 * Identities that are two people: the photos of the one who has fewer. They can be dropped, or split off as an identity
 * of their own. Of LFW's identities with 6 photos or more none has a second group of photos at all; of two of its
 * people put under one name, with 3 photos or more each, the default, 0.28, finds 9 in 10, with no photo on the wrong
 * side. Photos of one person at very different ages or from film and stage have centres at 0.32 and more.
 */
export const twoPeople: Rule = {
  name: 'two-people',
  summary: 'of a second person among the photos of its identity: the cosine between the centres of the two',
  threshold: {
    description: 'cosine between two groups of photos below which they are two people',
    default: 0.28,
    minimum: -1,
    maximum: 1,
    found: 'below',
  },
  needsModel: true,

  find({ people }, threshold, findings) {
    for (const { positions, vectors } of people!.people()) {
      const second = findSecondPerson(vectors, people!.size)
      if (second === undefined || second.cosine >= threshold) continue
      for (const image of second.images) {
        findings.add('two-people', positions[image]!, second.cosine, positions[second.other]!)
      }
    }
  },
}
