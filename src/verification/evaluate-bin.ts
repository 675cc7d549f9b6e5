import type { Embedder } from '../engines/index.js'
import { kFoldAccuracy } from './accuracy.js'
import { countOnes, foldCount, requireBothClasses } from './folds.js'
import { type EmbeddingOptions, embedImages, type ImageEmbeddings } from './image-embeddings.js'
import type { PairScores } from './pair-scores.js'
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

/** Embeds the images of a bin and judges the pairs by its folds: `scorePairs`, then `judgePairs`. @throws as they do */
export async function evaluateBin(
  bin: VerificationBin,
  embedder: Embedder,
  options: EmbeddingOptions = {},
): Promise<Verification> {
  return judgePairs(await scorePairs(bin, embedder, options))
}

/**
 * The distances of the pairs of a bin. Embeddings of image and mirror image are added, then normalised. Source: `test`
 * in upstream's eval/verification.py; unlike there, an image of another size than the model's is an error and not
 * resized. @throws InputError for a bin or fold of one class, and as `embedImages`
 */
export async function scorePairs(
  bin: VerificationBin,
  embedder: Embedder,
  options: EmbeddingOptions = {},
): Promise<PairScores> {
  const pairs = foldedPairs(bin)
  requireBothClasses(pairs, bin.path)
  return { bin: bin.name, ...pairs, distances: pairDistances(await embedImages(bin, embedder, options)) }
}

/** Judges pairs by their folds. Source: `evaluate` in upstream's eval/verification.py. */
export function judgePairs({ bin, distances, same, folds }: PairScores): Verification {
  const roc = rocCurve(distances, same)
  const { accuracy, spread, threshold, foldAccuracies, foldThresholds } = kFoldAccuracy(distances, {
    same,
    folds,
  })
  return {
    bin,
    pairs: same.length,
    same: countOnes(same),
    different: same.length - countOnes(same),
    folds: foldCount(folds),
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

/** Squared distance of the two embeddings of each pair. */
export function pairDistances({ values, embeddingSize, rows }: ImageEmbeddings): Float64Array {
  return Float64Array.from({ length: rows.length / 2 }, (_, pair) => {
    const first = rows[2 * pair]! * embeddingSize
    const second = rows[2 * pair + 1]! * embeddingSize
    let sum = 0
    for (let i = 0; i < embeddingSize; i++) sum += (values[first + i]! - values[second + i]!) ** 2
    return sum
  })
}
