/** Points of a receiver operating characteristic, from (0, 0) to (1, 1). */
export interface RocCurve {
  falsePositiveRates: number[]
  truePositiveRates: number[]
  /** Pairs with a squared distance of at most this are taken for one person; -1 accepts none. */
  distances: number[]
}

/**
 * Equal to scikit-learn's roc_curve(same, -distance) with its default drop_intermediate=True: points that lie on the
 * line between their neighbours are left out, which changes neither the curve nor the area below it.
 */
export function rocCurve(distances: Float64Array, same: Uint8Array): RocCurve {
  const order = nearestFirst(distances)
  const points: { trues: number; falses: number; distance: number }[] = []
  let trues = 0
  let falses = 0
  for (const [rank, pair] of order.entries()) {
    if (same[pair] === 1) trues++
    else falses++
    const distance = distances[pair]!
    const next = order[rank + 1]
    if (next === undefined || distances[next] !== distance) points.push({ trues, falses, distance })
  }
  const corners = points.filter((point, index) => {
    const before = points[index - 1]
    const after = points[index + 1]
    if (before === undefined || after === undefined) return true
    return (
      after.trues - 2 * point.trues + before.trues !== 0 ||
      after.falses - 2 * point.falses + before.falses !== 0
    )
  })
  return {
    falsePositiveRates: [0, ...corners.map((point) => point.falses / falses)],
    truePositiveRates: [0, ...corners.map((point) => point.trues / trues)],
    distances: [-1, ...corners.map(({ distance }) => distance)],
  }
}

/** Area below the curve, by trapezoids. */
export function areaUnderCurve({ falsePositiveRates, truePositiveRates }: RocCurve): number {
  let area = 0
  for (let i = 1; i < falsePositiveRates.length; i++) {
    const width = falsePositiveRates[i]! - falsePositiveRates[i - 1]!
    area += (width * (truePositiveRates[i]! + truePositiveRates[i - 1]!)) / 2
  }
  return area
}

/** True accepts where at most `far` of the pairs of different people are accepted. */
export interface TarAtFar {
  far: number
  tar: number
  /** Pairs with a squared distance below it are accepted. */
  threshold: number
}

const FAR_TARGETS = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
/** Fewer false accepts than this say nothing about a rate. */
const FEWEST_FALSE_ACCEPTS = 10
/** Squared distances of unit vectors are at most 4. */
const ACCEPT_ALL = 5

/**
 * The largest threshold whose false accept rate, over all pairs, is at or below the target; for those targets that the
 * number of different pairs can tell (10 / FAR of them).
 */
export function tarAtFar(distances: Float64Array, same: Uint8Array): TarAtFar[] {
  const sames = distances.filter((_, pair) => same[pair] === 1)
  const differents = distances.filter((_, pair) => same[pair] !== 1).sort()
  return FAR_TARGETS.filter((far) => differents.length * far >= FEWEST_FALSE_ACCEPTS - 1e-9).map((far) => {
    const allowed = Math.floor(differents.length * far + 1e-9)
    const threshold = differents[allowed] ?? ACCEPT_ALL
    return { far, tar: sames.filter((distance) => distance < threshold).length / sames.length, threshold }
  })
}

function nearestFirst(distances: Float64Array): Uint32Array {
  return Uint32Array.from(distances.keys()).sort((a, b) => distances[a]! - distances[b]!)
}
