import { noBest } from './best.js'
import { byScore, type CentreMatch, centreMatch, mutualScores } from './centre-match.js'
import type { Centres } from './centres.js'
import { type MatchOptions, subset } from './match-between.js'
import type { NearestSearch } from './nearest.js'

export interface WithinMatches {
  accepted: CentreMatch[]
  refused: CentreMatch[]
  /** See `mutualScores`. */
  own: Float32Array
}

/** The identities of one dataset that are one person: each other's nearest in it, by a stricter threshold. */
export async function matchWithin(
  search: NearestSearch,
  centres: Centres,
  { rule, signal, onPairs }: MatchOptions,
): Promise<WithinMatches> {
  const labels = Array.from(centres.images.keys()).filter((label) => centres.images[label]! > 0)
  const set = subset(centres, labels)
  const best = labels.length < 2 ? noBest(labels.length) : await search.within(set, signal, onPairs)
  const matches: CentreMatch[] = []
  for (const [row, position] of best.positions.entries()) {
    if (position <= row || best.positions[position] !== row) continue
    matches.push(centreMatch(centres, centres, [labels[row]!, labels[position]!], best.scores[row]!))
  }
  matches.sort(byScore)
  const isOne = ({ score, photos }: CentreMatch) =>
    score >= rule.threshold + rule.within && photos >= rule.photos
  return {
    accepted: matches.filter(isOne),
    refused: matches.filter((match) => !isOne(match)),
    own: mutualScores(best),
  }
}
