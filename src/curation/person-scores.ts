import { cosineTo, direction, evenSample, robustCentre } from './robust-centre.js'

/** Photos of the same pose and light that a right photo has among the others of its identity. */
const NEIGHBOURS = 3

/** Others that each photo of a very large identity is compared with. */
const LARGEST_SAMPLE = 1024

/**
 * How much each photo is like the others of its identity: the mean of its cosine to their robust centre and of its mean
 * cosine to the 3 that are most like it. The photo itself is not counted into the centre. The centre alone puts a right
 * photo in an unusual pose behind a stranger who looks at the camera; the neighbours alone, two strangers of one face
 * before both. A photo that is alone has 1.
 * @param vectors [count, size] of length 1
 */
export function personScores(vectors: Float32Array, size: number): Float32Array {
  const count = vectors.length / size
  if (count === 1) return Float32Array.of(1)
  const { core, sum } = robustCentre(vectors, size)
  const isCore = new Set(core)
  const sample = evenSample(count, LARGEST_SAMPLE)
  return Float32Array.from({ length: count }, (_, image) => {
    const vector = vectors.subarray(image * size, (image + 1) * size)
    const others = isCore.has(image) ? sum.map((value, i) => value - vector[i]!) : sum
    const toCentre = cosineTo(direction(others), vectors, size, image)
    return (toCentre + meanOfLargest(neighbourCosines(vectors, size, image, sample))) / 2
  })
}

function neighbourCosines(vectors: Float32Array, size: number, image: number, sample: number[]): number[] {
  const vector = vectors.subarray(image * size, (image + 1) * size)
  return sample.filter((other) => other !== image).map((other) => cosineTo(vector, vectors, size, other))
}

function meanOfLargest(values: number[]): number {
  const largest = values.sort((a, b) => b - a).slice(0, NEIGHBOURS)
  return largest.reduce((sum, value) => sum + value, 0) / largest.length
}
