import { byScore, type CentreMatch, centreMatch, countFrom } from './centre-match.js'
import type { Centres } from './centres.js'
import type { MatchRule } from './match-rule.js'
import type { NearestSearch, VectorSet } from './nearest.js'

/** One of two datasets that are searched for people in common. */
export interface MatchSide {
  centres: Centres
  /** Scores of its own identities that are each other's nearest: see `mutualScores`. */
  own: Float32Array
}

export interface BetweenMatches {
  /** One person each, the best first. */
  accepted: CentreMatch[]
  /** Each other's nearest, but not one person by the rule. */
  refused: CentreMatch[]
  /** The score from which they were accepted. */
  threshold: number
}

export interface MatchOptions {
  rule: MatchRule
  signal?: AbortSignal
  onPairs?: (pairs: number) => void
}

/**
 * The identities that two datasets share: centres that are each other's nearest among those that are not matched yet,
 * from a threshold on. That is the rule's, or lower where the share of wrong matches stays below the rule's: how many
 * are wrong is estimated from how often identities of one dataset, who are different people, are each other's nearest
 * at that score. The same centres give the same matches.
 */
export async function matchBetween(
  search: NearestSearch,
  a: MatchSide,
  b: MatchSide,
  { rule, signal, onPairs }: MatchOptions,
): Promise<BetweenMatches> {
  const left = Array.from(a.centres.images.keys()).filter((label) => a.centres.images[label]! > 0)
  const right = Array.from(b.centres.images.keys()).filter((label) => b.centres.images[label]! > 0)
  const sizes = [left.length, right.length] as const
  const accepted: CentreMatch[] = []
  let [labelsA, labelsB] = [left, right]
  let threshold = rule.threshold
  for (;;) {
    const sets = [subset(a.centres, labelsA), subset(b.centres, labelsB)] as const
    const nearest = await search.between(sets[0], sets[1], signal, onPairs)
    const mutual: CentreMatch[] = []
    for (const [row, position] of nearest.a.positions.entries()) {
      if (position === -1 || nearest.b.positions[position] !== row) continue
      const pair: [number, number] = [labelsA[row]!, labelsB[position]!]
      mutual.push(centreMatch(a.centres, b.centres, pair, nearest.a.scores[row]!))
    }
    mutual.sort(byScore)
    const possible = mutual.filter(({ photos }) => photos >= rule.photos)
    threshold = lowestThreshold(possible, accepted.length, sizes, [a.own, b.own], threshold, rule)
    const found = possible.filter(({ score }) => score >= threshold)
    accepted.push(...found)
    if (found.length === 0) {
      return { accepted: accepted.sort(byScore), refused: mutual, threshold }
    }
    const [takenA, takenB] = [new Set(found.map((match) => match.a)), new Set(found.map((match) => match.b))]
    labelsA = labelsA.filter((label) => !takenA.has(label))
    labelsB = labelsB.filter((label) => !takenB.has(label))
  }
}

/** With 95 % certainty, no more than this many are there where none was seen: the rule of three. */
const UNSEEN = 3

/**
 * The lowest score at which the expected number of wrong matches is a small share of all. Who is in one dataset alone
 * has a wrong match as likely as identities of one dataset are each other's nearest at that score; how many those are
 * is estimated from who has no match.
 */
function lowestThreshold(
  matches: CentreMatch[],
  accepted: number,
  sizes: readonly [number, number],
  own: readonly [Float32Array, Float32Array],
  threshold: number,
  { wrongShare, lowest }: MatchRule,
): number {
  let found = threshold
  for (const [i, { score }] of matches.entries()) {
    if (score < lowest) break
    if (score >= found) continue
    const all = accepted + i + 1
    const unmatched = Math.min(...sizes) - all
    const likely = own.map((scores, side) => (countFrom(scores, score) + UNSEEN) / sizes[side]!)
    const likelihood = Math.max(...likely)
    if (likelihood >= 1) break
    const alone = (unmatched + UNSEEN) / (1 - likelihood)
    if (alone * likelihood <= wrongShare * all) found = score
  }
  return found
}

/** The vectors of some labels, in memory that threads share. All of them are not copied. */
export function subset(centres: Centres, labels: number[]): VectorSet {
  const { count, size, values } = centres
  if (labels.length === count) return centres
  const some = new Float32Array(new SharedArrayBuffer(4 * size * labels.length))
  for (const [row, label] of labels.entries()) {
    some.set(values.subarray(label * size, (label + 1) * size), row * size)
  }
  return { count: labels.length, size, values: some }
}
