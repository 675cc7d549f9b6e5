/** Images among which the first guess of a centre is sought: more of them do not change which one it is like. */
const LARGEST_SAMPLE = 256

const MOST_STEPS = 20

/** The centre of one person's embeddings that wrong photos do not pull. */
export interface RobustCentre {
  /** Of length 1. */
  centre: Float64Array
  /** The images that it is the mean of, a majority, ascending. */
  core: number[]
  /** Sum of their vectors. */
  sum: Float64Array
}

/**
 * The direction of the mean of that majority of vectors that lie closest together around it: least trimmed squares, by
 * concentration steps from the medoid (the vector with the largest median cosine to the others). It stays with the
 * person whom most of the photos show, whatever the others do. Source: Rousseeuw and Van Driessen, "Computing LTS
 * regression for large data sets", 2006.
 * @param vectors [count, size] of length 1, count at least 1
 */
export function robustCentre(vectors: Float32Array, size: number): RobustCentre {
  const count = vectors.length / size
  const majority = Math.floor(count / 2) + 1
  const medoid = medoidOf(vectors, size)
  let centre: Float64Array = Float64Array.from(vectors.subarray(medoid * size, (medoid + 1) * size))
  let core: number[] = []
  let sum: Float64Array = centre
  for (let step = 0; step < MOST_STEPS; step++) {
    const near = nearest(vectors, size, centre, majority)
    if (near.length === core.length && near.every((image, i) => image === core[i])) break
    core = near
    sum = sumOf(vectors, size, core)
    centre = direction(sum)
  }
  return { centre, core, sum }
}

/** Cosine of a vector to a centre. */
export function cosineTo(
  centre: ArrayLike<number>,
  vectors: Float32Array,
  size: number,
  image: number,
): number {
  let dot = 0
  for (let i = 0; i < size; i++) dot += centre[i]! * vectors[image * size + i]!
  return dot
}

/** Sum of some of the vectors. */
export function sumOf(vectors: Float32Array, size: number, images: Iterable<number>): Float64Array {
  const sum = new Float64Array(size)
  for (const image of images) for (let i = 0; i < size; i++) sum[i]! += vectors[image * size + i]!
  return sum
}

/** The vector at length 1. A zero vector stays one. */
export function direction(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1
  return vector.map((value) => value / length)
}

function nearest(vectors: Float32Array, size: number, centre: Float64Array, count: number): number[] {
  const cosines = Float64Array.from({ length: vectors.length / size }, (_, image) =>
    cosineTo(centre, vectors, size, image),
  )
  const order = [...cosines.keys()].sort((a, b) => cosines[b]! - cosines[a]! || a - b)
  return order.slice(0, count).sort((a, b) => a - b)
}

function medoidOf(vectors: Float32Array, size: number): number {
  const images = evenSample(vectors.length / size, LARGEST_SAMPLE)
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (const image of images) {
    const vector = vectors.subarray(image * size, (image + 1) * size)
    const cosines = Float64Array.from(images, (other) => cosineTo(vector, vectors, size, other)).sort()
    const median = cosines[cosines.length >> 1]!
    if (median > most) {
      most = median
      best = image
    }
  }
  return best
}

/** At most `most` of the numbers below `count`, evenly spread. */
export function evenSample(count: number, most: number): number[] {
  const taken = Math.min(count, most)
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken))
}
