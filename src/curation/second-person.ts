import { cosineTo, direction, robustCentre, sumOf } from './robust-centre.js'

/** Cosine to a person's centre from which on a photo counts as theirs. */
const REACH = 0.4

/** Fewer photos are outliers, no second person. */
const FEWEST_PHOTOS = 3

const MOST_STEPS = 20

/** A second person among the photos of an identity. */
export interface SecondPerson {
  /** Cosine between the centres of the two. */
  cosine: number
  /** Photos of the one who has fewer, ascending. */
  images: number[]
  /** The photo of the other that is closest to their centre. */
  other: number
}

/**
 * Looks for two people among the photos of an identity: the robust centre of all is one, that of the photos which it
 * does not reach the other; then each photo goes to the nearer one until nothing changes (spherical 2-means). Photos
 * within neither's reach are nobody's. Undefined where the second has fewer than 3 photos.
 * @param vectors [count, size] of length 1
 */
export function findSecondPerson(vectors: Float32Array, size: number): SecondPerson | undefined {
  const all = Array.from({ length: vectors.length / size }, (_, image) => image)
  let first = robustCentre(vectors, size).centre
  const beyond = all.filter((image) => cosineTo(first, vectors, size, image) < REACH)
  if (beyond.length < FEWEST_PHOTOS) return undefined
  const rest = Float32Array.from(
    beyond.flatMap((image) => [...vectors.subarray(image * size, (image + 1) * size)]),
  )
  let second = robustCentre(rest, size).centre
  let sides = assign(vectors, size, first, second)
  for (let step = 0; step < MOST_STEPS; step++) {
    if (isTooFew(sides)) return undefined
    first = direction(sumOf(vectors, size, sides.first))
    second = direction(sumOf(vectors, size, sides.second))
    const next = assign(vectors, size, first, second)
    if (isSame(next.first, sides.first) && isSame(next.second, sides.second)) break
    sides = next
  }
  if (isTooFew(sides)) return undefined
  const cosine = first.reduce((sum, value, i) => sum + value * second[i]!, 0)
  const [larger, smaller] =
    sides.second.length > sides.first.length ? [sides.second, sides.first] : [sides.first, sides.second]
  const centre = larger === sides.first ? first : second
  const other = larger.reduce((best, image) =>
    cosineTo(centre, vectors, size, image) > cosineTo(centre, vectors, size, best) ? image : best,
  )
  return { cosine, images: smaller, other }
}

function assign(vectors: Float32Array, size: number, first: Float64Array, second: Float64Array) {
  const sides = { first: [] as number[], second: [] as number[] }
  for (let image = 0; image < vectors.length / size; image++) {
    const [a, b] = [cosineTo(first, vectors, size, image), cosineTo(second, vectors, size, image)]
    if (Math.max(a, b) >= REACH) sides[a >= b ? 'first' : 'second'].push(image)
  }
  return sides
}

function isTooFew({ first, second }: { first: number[]; second: number[] }): boolean {
  return Math.min(first.length, second.length) < FEWEST_PHOTOS
}

function isSame(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
