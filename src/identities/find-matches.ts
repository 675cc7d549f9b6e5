import type { CentreMatch } from './centre-match.js'
import type { Centres } from './centres.js'
import type { IdentityMatch, MatchAction } from './identity-match.js'
import { type MatchOptions, type MatchSide, matchBetween } from './match-between.js'
import { matchWithin } from './match-within.js'
import type { NearestSearch } from './nearest.js'
import { refuseChains } from './refuse-chains.js'

/** Refused pairs this far below the threshold are doubtful enough to be shown. */
const DOUBTFUL = 0.1

/** The people that datasets share, and those that one of them has twice, by their centres; doubtful ones first. */
export async function findMatches(
  search: NearestSearch,
  inputs: Centres[],
  action: MatchAction,
  options: MatchOptions,
): Promise<IdentityMatch[]> {
  const { rule } = options
  const found: (IdentityMatch & { doubt: number })[] = []
  const add = (
    pair: [number, number],
    accepted: CentreMatch[],
    refused: CentreMatch[],
    threshold: number,
  ) => {
    const toMatch = ({ a, b, score }: CentreMatch, action: MatchAction, reason: string) => {
      const places = { a: { input: pair[0], label: a }, b: { input: pair[1], label: b } }
      found.push({ ...places, score, action, reason, doubt: Math.abs(score - threshold) })
    }
    for (const match of accepted) toMatch(match, action, "each other's nearest")
    for (const match of refused) {
      if (match.score < threshold - DOUBTFUL) continue
      const unlike = match.score >= threshold
      toMatch(match, 'keep', unlike ? 'their photos are not alike' : `below ${threshold.toFixed(2)}`)
    }
  }
  const sides: MatchSide[] = []
  for (const [input, centres] of inputs.entries()) {
    const { accepted, refused, own } = await matchWithin(search, centres, options)
    sides.push({ centres, own })
    add([input, input], accepted, refused, rule.threshold + rule.within)
  }
  for (const [i, a] of sides.entries()) {
    for (const [j, b] of sides.entries()) {
      if (j <= i) continue
      const { accepted, refused, threshold } = await matchBetween(search, a, b, options)
      add([i, j], accepted, refused, threshold)
    }
  }
  const sorted = found.sort((a, b) => a.doubt - b.doubt)
  return refuseChains(sorted.map(({ doubt: _, ...match }) => match))
}
