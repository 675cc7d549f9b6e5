import type { Best } from './best.js'
import type { Centres } from './centres.js'

/** Two identities whose centres are each other's nearest. */
export interface CentreMatch {
  /** Labels. */
  a: number
  b: number
  /** Cosine of the centres. */
  score: number
  /** Mean cosine of the photos of the one with those of the other. */
  photos: number
}

/** By score, the best first; of equals by label. */
export function byScore(a: CentreMatch, b: CentreMatch): number {
  return b.score - a.score || a.a - b.a || a.b - b.b
}

export function centreMatch(
  a: Centres,
  b: Centres,
  [left, right]: [number, number],
  score: number,
): CentreMatch {
  return { a: left, b: right, score, photos: score * a.cohesion[left]! * b.cohesion[right]! }
}

/** Scores of the vectors of a set that are each other's nearest in it, one for each, the best first. */
export function mutualScores({ positions, scores }: Best): Float32Array {
  const mutual = scores.filter((_, i) => positions[i] !== -1 && positions[positions[i]!] === i)
  return mutual.sort().reverse()
}

/** How many of descending scores are `score` or more. */
export function countFrom(scores: Float32Array, score: number): number {
  let low = 0
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (scores[middle]! >= score) low = middle + 1
    else high = middle
  }
  return low
}
