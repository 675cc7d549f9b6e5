import type { Embedder } from '../engines/index.js'
import { InputError } from '../errors/index.js'
import { decodeRgb, type RgbImage } from '../image/index.js'
import { kFoldAccuracy } from './accuracy.js'
import { countOnes, foldCount, requireBothClasses } from './folds.js'
import { areaUnderCurve, type RocCurve, rocCurve, type TarAtFar, tarAtFar } from './roc.js'
import { foldedPairs, type VerificationBin } from './verification-bin.js'

/** What a model makes of a bin. Distances and thresholds are squared distances of unit embeddings, 0 to 4. */
export interface Verification {
  bin: string
  pairs: number
  same: number
  different: number
  folds: number
  /** Mean of the folds' accuracies, each with the threshold that is best on the other folds. */
  accuracy: number
  /** Their standard deviation. */
  spread: number
  /** Mean of the folds' thresholds. */
  threshold: number
  foldAccuracies: number[]
  foldThresholds: number[]
  tarAtFar: TarAtFar[]
  areaUnderCurve: number
  roc: RocCurve
}

export interface EvaluateOptions {
  /** Adds the embedding of the mirrored image to that of the image. Default true, as upstream. */
  flip?: boolean
  signal?: AbortSignal
  /** Called with the number of images that are done since the last call. */
  onImages?: (count: number) => void
}

/** Pairs that are decoded at a time. */
const PAIRS_PER_BATCH = 32

/**
 * Embeds the images of a bin and judges the pairs by its folds. Embeddings of image and mirror image are added, then
 * normalised. Source: `test` and `evaluate` in upstream's eval/verification.py; unlike there, an image of another size
 * than the model's is an error and not resized.
 * @throws InputError for images that cannot be decoded or have another size, a bin or fold of one class, and a model
 * whose embeddings are not numbers
 */
export async function evaluateBin(
  bin: VerificationBin,
  embedder: Embedder,
  options: EvaluateOptions = {},
): Promise<Verification> {
  const pairs = foldedPairs(bin)
  requireBothClasses(pairs, bin.path)
  const distances = await pairDistances(bin, embedder, options)
  const { same } = bin
  const roc = rocCurve(distances, same)
  const { accuracy, spread, threshold, foldAccuracies, foldThresholds } = kFoldAccuracy(distances, pairs)
  return {
    bin: bin.name,
    pairs: same.length,
    same: countOnes(same),
    different: same.length - countOnes(same),
    folds: foldCount(pairs.folds),
    accuracy,
    spread,
    threshold,
    foldAccuracies,
    foldThresholds,
    tarAtFar: tarAtFar(distances, same),
    areaUnderCurve: areaUnderCurve(roc),
    roc,
  }
}

/** Squared distance of the two normalised embeddings of each pair, in double precision as upstream's. */
export async function pairDistances(
  bin: VerificationBin,
  embedder: Embedder,
  { flip = true, signal, onImages }: EvaluateOptions,
): Promise<Float64Array> {
  const pairs = bin.same.length
  const distances = new Float64Array(pairs)
  for (let first = 0; first < pairs; first += PAIRS_PER_BATCH) {
    signal?.throwIfAborted()
    const count = Math.min(PAIRS_PER_BATCH, pairs - first)
    const planes = await decodePlanes(bin, 2 * first, 2 * count, embedder.inputSize)
    const embeddings = Float64Array.from(await embedder.embed(planes, 2 * count))
    if (flip) {
      const mirrored = await embedder.embed(mirrorRows(planes, embedder.inputSize.width), 2 * count)
      for (let i = 0; i < embeddings.length; i++) embeddings[i]! += mirrored[i]!
    }
    for (let pair = 0; pair < count; pair++) {
      const length = embedder.embeddingSize
      const at = 2 * pair * length
      const distance = squaredDistance(
        embeddings.subarray(at, at + length),
        embeddings.subarray(at + length, at + 2 * length),
      )
      if (Number.isNaN(distance)) {
        throw new InputError({
          file: bin.path,
          problem: `the model's embeddings of pair ${first + pair} are not numbers`,
          fix: 'Check the model, and --mean and --std',
        })
      }
      distances[first + pair] = distance
    }
    onImages?.(2 * count)
  }
  return distances
}

/** RGB planes [count, 3, height, width]. */
async function decodePlanes(
  bin: VerificationBin,
  first: number,
  count: number,
  { height, width }: { height: number; width: number },
): Promise<Uint8Array> {
  const size = height * width
  const planes = new Uint8Array(count * 3 * size)
  for (let i = 0; i < count; i++) {
    const { data, ...found } = await decodeImage(bin, first + i)
    if (found.height !== height || found.width !== width) {
      throw new InputError({
        file: bin.path,
        problem: `image ${first + i} has not the size that the model takes`,
        expected: `${width} x ${height}`,
        actual: `${found.width} x ${found.height}`,
        fix: `Make the bin for this model: facedata bins --size ${width}`,
      })
    }
    for (let channel = 0; channel < 3; channel++) {
      const plane = (i * 3 + channel) * size
      for (let pixel = 0; pixel < size; pixel++) planes[plane + pixel] = data[pixel * 3 + channel]!
    }
  }
  return planes
}

async function decodeImage(bin: VerificationBin, index: number): Promise<RgbImage> {
  try {
    return await decodeRgb(bin.images[index]!)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const { problem, ...fault } = error.fault
    throw new InputError(
      { ...fault, file: bin.path, problem: `image ${index} cannot be decoded: ${problem}` },
      { cause: error },
    )
  }
}

function mirrorRows(planes: Uint8Array, width: number): Uint8Array {
  const mirrored = Uint8Array.from(planes)
  for (let row = 0; row < mirrored.length; row += width) mirrored.subarray(row, row + width).reverse()
  return mirrored
}

/** Of the two vectors at length 1. A zero vector stays one, as scikit-learn's normalize leaves it. */
function squaredDistance(first: Float64Array, second: Float64Array): number {
  const firstNorm = norm(first) || 1
  const secondNorm = norm(second) || 1
  let sum = 0
  for (let i = 0; i < first.length; i++) sum += (first[i]! / firstNorm - second[i]! / secondNorm) ** 2
  return sum
}

function norm(vector: Float64Array): number {
  let sum = 0
  for (const value of vector) sum += value * value
  return Math.sqrt(sum)
}
