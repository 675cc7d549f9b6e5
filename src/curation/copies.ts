import type { Findings } from './findings.js'
import type { ExaminedImages, RuleName } from './rule.js'

/**
 * Finds all but one of several images that show the same photo. The one that stays is the one most like the other
 * photos of its identity, so that a photo in two people's folders stays with the right one; without a model, or where
 * that does not tell them apart, it is the sharpest, then the first.
 * @param copies positions
 * @param value between the image that stays and another
 */
export function addCopies(
  rule: RuleName,
  images: ExaminedImages,
  copies: ArrayLike<number>,
  findings: Findings,
  value: (kept: number, copy: number) => number,
): void {
  if (copies.length < 2) return
  const [kept, ...others] = Array.from(copies).sort(byPreference(images))
  for (const copy of others) findings.add(rule, copy, value(kept!, copy), kept)
}

/** The same for all rules about copies, so that they agree on which one stays. */
export function byPreference({ people, sharpness }: ExaminedImages): (a: number, b: number) => number {
  const scores = people?.scores()
  return (a, b) => (scores ? scores[b]! - scores[a]! : 0) || sharpness[b]! - sharpness[a]! || a - b
}
