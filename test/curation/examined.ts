import {
  type ExaminedImages,
  type Finding,
  Findings,
  PersonVectors,
  type Rule,
  ruleNames,
} from '../../src/curation/index.js'
import { DIFFERENCE_HASH_WORDS } from '../../src/image/index.js'
import { Random } from '../../src/random/random.js'

/** Numbers of the embeddings of `person`. */
export const SIZE = 64

/** Measures of `count` sound images of one identity, all different; some of them otherwise. */
export function examined(count: number, otherwise: Partial<ExaminedImages> = {}): ExaminedImages {
  const random = new Random(5, count)
  return {
    count,
    labels: new Int32Array(count),
    hashes: BigUint64Array.from({ length: count }, (_, position) => BigInt(position + 1)),
    pictures: Uint32Array.from({ length: count * DIFFERENCE_HASH_WORDS }, () => random.integer(2 ** 32)),
    sides: new Uint32Array(count).fill(112),
    sharpness: new Float32Array(count).fill(150),
    brightness: new Float32Array(count).fill(120),
    undecodable: new Map(),
    people: undefined,
    ...otherwise,
  }
}

/** What a rule finds, by its default threshold unless one is given. */
export function found(rule: Rule, images: ExaminedImages, threshold?: number): Finding[] {
  const findings = new Findings(ruleNames)
  rule.find(images, threshold ?? rule.threshold?.default ?? 0, findings)
  return Array.from({ length: findings.count }, (_, index) => findings.at(index))
}

/**
 * An embedding of a photo of a person: photos of one person are at a cosine of about `likeness` to each other, those of
 * two people at about 0.
 */
export function photo(person: number, number: number, likeness = 0.7): number[] {
  const own = direction(new Random(11, person))
  const noise = direction(new Random(13, person, number))
  return own.map((value, i) => Math.sqrt(likeness) * value + Math.sqrt(1 - likeness) * noise[i]!)
}

/** Images with these embeddings, of the various lengths that a model gives, of one identity unless labels are given. */
export function withEmbeddings(embeddings: number[][], labels = embeddings.map(() => 0)): ExaminedImages {
  const images = examined(embeddings.length, { labels: Int32Array.from(labels) })
  const lookup = {
    find: (hash: bigint) => Number(hash) - 1,
    read: (numbers: ArrayLike<number>) =>
      Float32Array.from(
        Array.from(numbers).flatMap((i) => embeddings[i]!.map((value) => value * (3 + (i % 5)))),
      ),
  }
  return { ...images, people: new PersonVectors(lookup, SIZE, images.hashes, images.labels) }
}

function direction(random: Random): number[] {
  const values = Array.from({ length: SIZE }, () => random.normal())
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}
