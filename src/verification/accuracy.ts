import { type FoldedPairs, foldCount } from './folds.js'

/** Upstream's thresholds on the squared distance: np.arange(0, 4, 0.01), which numpy makes as i * 0.01. */
export const THRESHOLD_COUNT = 400
export const thresholdAt = (index: number): number => index * 0.01

/** Accuracy by k folds, and the mean ROC of the folds over the thresholds. */
export interface KFoldAccuracy {
  /** Mean of the folds. */
  accuracy: number
  /** Population standard deviation of the folds, as np.std. */
  spread: number
  /** Mean of the thresholds that the folds were judged with. */
  threshold: number
  foldAccuracies: number[]
  foldThresholds: number[]
  /** Mean over the folds at each of the thresholds. */
  truePositiveRates: Float64Array
  falsePositiveRates: Float64Array
}

/**
 * Each fold is judged with the threshold that is best on all the others: the first of those with the most right
 * answers. A pair is taken for one person where its distance is below the threshold.
 * Source: calculate_roc in upstream's eval/verification.py.
 * @param distances squared distance of the normalised embeddings of each pair, in [0, 4]
 */
export function kFoldAccuracy(distances: Float64Array, { same, folds }: FoldedPairs): KFoldAccuracy {
  const count = foldCount(folds)
  const accepted = countAccepted(distances, { same, folds }, count)
  const all = sumOf(accepted)
  const foldAccuracies: number[] = []
  const foldThresholds: number[] = []
  const truePositiveRates = new Float64Array(THRESHOLD_COUNT)
  const falsePositiveRates = new Float64Array(THRESHOLD_COUNT)
  for (const test of accepted) {
    let best = 0
    let mostRight = -1
    for (let i = 0; i < THRESHOLD_COUNT; i++) {
      const right = rightAnswers(all, i) - rightAnswers(test, i)
      if (right > mostRight) [best, mostRight] = [i, right]
      truePositiveRates[i]! += ratio(test.same[i]!, test.sames) / count
      falsePositiveRates[i]! += ratio(test.different[i]!, test.differents) / count
    }
    foldAccuracies.push(rightAnswers(test, best) / (test.sames + test.differents))
    foldThresholds.push(thresholdAt(best))
  }
  const accuracy = mean(foldAccuracies)
  return {
    accuracy,
    spread: Math.sqrt(mean(foldAccuracies.map((value) => (value - accuracy) ** 2))),
    threshold: mean(foldThresholds),
    foldAccuracies,
    foldThresholds,
    truePositiveRates,
    falsePositiveRates,
  }
}

/** How many pairs of a fold are taken for one person at each threshold. */
interface Accepted {
  same: Float64Array
  different: Float64Array
  sames: number
  differents: number
}

function countAccepted(distances: Float64Array, { same, folds }: FoldedPairs, count: number): Accepted[] {
  const accepted = Array.from({ length: count }, () => ({
    same: new Float64Array(THRESHOLD_COUNT),
    different: new Float64Array(THRESHOLD_COUNT),
    sames: 0,
    differents: 0,
  }))
  for (const [pair, distance] of distances.entries()) {
    const fold = accepted[folds[pair]!]!
    if (same[pair] === 1) fold.sames++
    else fold.differents++
    const first = firstThresholdAbove(distance)
    if (first < THRESHOLD_COUNT) (same[pair] === 1 ? fold.same : fold.different)[first]! += 1
  }
  for (const { same: sames, different } of accepted) {
    for (let i = 1; i < THRESHOLD_COUNT; i++) {
      sames[i]! += sames[i - 1]!
      different[i]! += different[i - 1]!
    }
  }
  return accepted
}

/** The division may be off by one where a distance is a threshold to the last bit; the comparison is what counts. */
function firstThresholdAbove(distance: number): number {
  let index = Math.max(0, Math.floor(distance / 0.01) - 1)
  while (index < THRESHOLD_COUNT && distance >= thresholdAt(index)) index++
  return index
}

function sumOf(folds: Accepted[]): Accepted {
  const sum = {
    same: new Float64Array(THRESHOLD_COUNT),
    different: new Float64Array(THRESHOLD_COUNT),
    sames: 0,
    differents: 0,
  }
  for (const fold of folds) {
    for (let i = 0; i < THRESHOLD_COUNT; i++) {
      sum.same[i]! += fold.same[i]!
      sum.different[i]! += fold.different[i]!
    }
    sum.sames += fold.sames
    sum.differents += fold.differents
  }
  return sum
}

function rightAnswers({ same, different, differents }: Accepted, threshold: number): number {
  return same[threshold]! + differents - different[threshold]!
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
