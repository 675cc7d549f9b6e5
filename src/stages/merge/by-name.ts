import type { IdentityMatch, IdentityPlace, MatchAction } from '../../identities/index.js'

/** Identities of one name are one person. Case does not count, nor whether words are parted by spaces, `_` or `-`. */
export function matchByName(names: (string | undefined)[][], action: MatchAction): IdentityMatch[] {
  const first = new Map<string, IdentityPlace>()
  const matches: IdentityMatch[] = []
  for (const [input, labels] of names.entries()) {
    for (const [label, name] of labels.entries()) {
      if (name === undefined) continue
      const key = plainName(name)
      const place = { input, label }
      const a = first.get(key)
      if (a === undefined) first.set(key, place)
      else matches.push({ a, b: place, action, reason: 'one name' })
    }
  }
  return matches
}

export function plainName(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim()
}
