/**
 * The word with the fewest insertions, deletions and substitutions (Levenshtein's distance); the first of several.
 * @param limit words that need more than so many are not near at all
 */
export function nearestWord(
  word: string,
  candidates: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): string | undefined {
  const distances = candidates.map((candidate) => editDistance(word, candidate))
  const least = Math.min(...distances)
  return least > limit ? undefined : candidates[distances.indexOf(least)]
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + Number(a[i - 1] !== b[j - 1])
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution))
    }
    previous = current
  }
  return previous[b.length]!
}
