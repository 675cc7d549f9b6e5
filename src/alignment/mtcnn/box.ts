/** A face found: its edges in pixels of the photo, from the upper left corner of the first one. */
export interface Box {
  left: number
  top: number
  right: number
  bottom: number
  /** Of the network that confirmed it last, 0 to 1. */
  score: number
}

/** Moves each edge by a share of the box's length: left, top, right, bottom, as the networks regress them. */
export function refined(box: Box, offsets: ArrayLike<number>, at: number): Box {
  const [width, height] = [box.right - box.left, box.bottom - box.top]
  return {
    left: box.left + offsets[at]! * width,
    top: box.top + offsets[at + 1]! * height,
    right: box.right + offsets[at + 2]! * width,
    bottom: box.bottom + offsets[at + 3]! * height,
    score: box.score,
  }
}

/** A square around the centre of a box, as wide as its longer side, in whole pixels: the next network's view. */
export function squareAround({ left, top, right, bottom }: Box): { left: number; top: number; side: number } {
  const side = longerSide({ left, top, right, bottom })
  return {
    left: Math.round((left + right - side) / 2),
    top: Math.round((top + bottom - side) / 2),
    side: Math.max(1, Math.round(side)),
  }
}

export function longerSide({ left, top, right, bottom }: Omit<Box, 'score'>): number {
  return Math.max(right - left, bottom - top)
}

/** How much of two boxes they share: over the area of both together, or over that of the smaller one. */
export type OverlapMeasure = 'union' | 'smaller'

/**
 * Non-maximum suppression: of boxes that overlap by more than `limit` only the one with the highest score stays.
 * @returns by falling score; of equal ones the first comes first
 */
export function suppress<T extends Box>(boxes: readonly T[], limit: number, measure: OverlapMeasure): T[] {
  const kept: T[] = []
  for (const box of [...boxes].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => overlap(other, box, measure) <= limit)) kept.push(box)
  }
  return kept
}

function overlap(a: Box, b: Box, measure: OverlapMeasure): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  if (width <= 0 || height <= 0) return 0
  const [one, other, shared] = [areaOf(a), areaOf(b), width * height]
  return shared / (measure === 'union' ? one + other - shared : Math.min(one, other))
}

function areaOf({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top)
}
