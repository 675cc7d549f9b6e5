import type { IdentityMatch, IdentityPlace } from './identity-match.js'

/**
 * Keeps apart what only a chain would join: of three datasets, A's Ann with B's, B's with C's, and C's with another
 * Ann of A. Matches are taken by score; one that would join two identities of one dataset, which are not matched
 * themselves, is kept. In the order given.
 */
export function refuseChains(matches: IdentityMatch[]): IdentityMatch[] {
  const setOf = new Map<string, IdentityPlace[]>()
  const name = ({ input, label }: IdentityPlace) => `${input}:${label}`
  const joined = matches.filter(({ action }) => action !== 'keep')
  const matched = new Set(joined.map(({ a, b }) => `${name(a)} ${name(b)}`))
  const isMatched = (a: IdentityPlace, b: IdentityPlace) =>
    matched.has(`${name(a)} ${name(b)}`) || matched.has(`${name(b)} ${name(a)}`)
  const refused = new Set<IdentityMatch>()
  for (const match of joined.sort((a, b) => (b.score ?? 0) - (a.score ?? 0))) {
    const [left, right] = [match.a, match.b].map((place) => setOf.get(name(place)) ?? [place])
    if (left === right) continue
    const clash = left!.some((a) => right!.some((b) => a.input === b.input && !isMatched(a, b)))
    if (clash) {
      refused.add(match)
      continue
    }
    const both = [...left!, ...right!]
    for (const place of both) setOf.set(name(place), both)
  }
  return matches.map((match) =>
    refused.has(match)
      ? { ...match, action: 'keep', reason: 'would join two identities of one dataset that are not alike' }
      : match,
  )
}
