import { JoinedSets } from '../../embeddings/index.js'
import { differentBits } from '../../image/index.js'
import { addCopies, byPreference } from '../copies.js'
import type { Rule } from '../rule.js'
import { LARGEST_SEARCH_DISTANCE, similarPictures } from '../similar-pictures.js'

/** Cosine of the embeddings of two versions of one photo, at least. Measured: 0.93 and more up to 24 bits. */
const SAME_PHOTO_COSINE = 0.9

/**
 * The same photo in another size, compression or crop, within an identity or in two: one of them stays. The default, 24
 * of 256 bits, finds 15 pairs among 1,845 web photos beside the byte-identical ones and no pair of two photos: their
 * embeddings are at cosine 0.93 and more. At 48 bits 1 pair in 6 is of two photos. (Of a hash of 64 bits, as usual
 * elsewhere, 10 bits are as strict: there 95 % of the pairs are of two photos, most of two people.)
 */
export const nearDuplicate: Rule = {
  name: 'near-duplicate',
  summary: 'the same photo as another image: the bits of 256 that differ in their perceptual hashes',
  threshold: {
    description: 'most bits of 256 in which the perceptual hashes of one photo differ',
    default: 24,
    minimum: 0,
    maximum: LARGEST_SEARCH_DISTANCE,
    found: 'up to',
  },
  needsModel: false,

  find(images, threshold, findings) {
    const { pictures, count, undecodable, hashes, people } = images
    const groups = new JoinedSets(count)
    for (const [a, b] of similarPictures(pictures, threshold)) {
      if (undecodable.has(a) || undecodable.has(b)) continue
      if (people !== undefined && people.cosine(a, b) < SAME_PHOTO_COSINE) continue
      groups.join(a, b)
    }
    for (const members of setsOf(groups, count)) {
      // Of byte-identical images one stands for all: the others are found by a rule of their own.
      const sorted = members.sort(byPreference(images))
      const distinct = sorted.filter((a) => sorted.find((b) => hashes[b] === hashes[a]) === a)
      addCopies('near-duplicate', images, distinct, findings, (a, b) => differentBits(pictures, a, b))
    }
  },
}

/** Members of the sets that have several, in the order of their first members. */
function setsOf(groups: JoinedSets, count: number): number[][] {
  const sets = new Map<number, number[]>()
  for (let member = 0; member < count; member++) {
    const first = groups.first(member)
    if (first === member) continue
    const set = sets.get(first)
    if (set === undefined) sets.set(first, [first, member])
    else set.push(member)
  }
  return [...sets.values()]
}
