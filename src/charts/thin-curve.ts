/** A point of a curve: x, y. */
export type Point = readonly [number, number]

/**
 * At most about `most` points in the same order, among them the first and the last one and, of each run of points, the
 * lowest and the highest: no peak is lost. Of the points of a run that are no numbers, where the curve is torn, one stays.
 */
export function thinCurve(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points]
  const runs = Math.max(1, Math.floor((most - 2) / 2))
  const inner = points.length - 2
  const kept = [points[0]!]
  for (let run = 0; run < runs; run++) {
    const first = 1 + Math.floor((run * inner) / runs)
    const end = 1 + Math.floor(((run + 1) * inner) / runs)
    kept.push(...extremes(points, first, end))
  }
  kept.push(points.at(-1)!)
  return kept
}

function extremes(points: readonly Point[], first: number, end: number): Point[] {
  let lowest: number | undefined
  let highest: number | undefined
  let torn: number | undefined
  for (let i = first; i < end; i++) {
    const [, y] = points[i]!
    if (Number.isNaN(y)) torn ??= i
    else {
      if (lowest === undefined || y < points[lowest]![1]) lowest = i
      if (highest === undefined || y > points[highest]![1]) highest = i
    }
  }
  const chosen = new Set([lowest, highest, torn].filter((i) => i !== undefined))
  return [...chosen].sort((a, b) => a - b).map((i) => points[i]!)
}

/** At most `most` items, evenly spread, the first and the last one among them. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!)
}
