/** Smooth shapes made of +, -, *, / and square roots alone: these round alike on every machine, sines need not. */

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = clamp((value - low) / (high - low), 0, 1)
  return t * t * (3 - 2 * t)
}

/** A smooth hill: 1 at 0, 0 from a squared distance of 1 on. */
export function hill(squaredDistance: number): number {
  if (squaredDistance >= 1) return 0
  const rest = 1 - squaredDistance
  return rest * rest
}

/** Coverage of an edge `softness` pixels wide, from the signed distance to it (positive inside). */
export function coverage(distance: number, softness: number): number {
  return clamp(0.5 + distance / softness, 0, 1)
}

/** Distance from (x, y) to the segment from (ax, ay) to (bx, by). */
export function segmentDistance(
  x: number,
  y: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
): number {
  const dx = bx - ax
  const dy = by - ay
  const along = clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
  const px = x - ax - along * dx
  const py = y - ay - along * dy
  return Math.sqrt(px * px + py * py)
}

/** Sine and cosine of the angle whose half has the tangent `halfTangent`. */
export function rotation(halfTangent: number): { sine: number; cosine: number } {
  const square = halfTangent * halfTangent
  return { sine: (2 * halfTangent) / (1 + square), cosine: (1 - square) / (1 + square) }
}

/** Not `**`: its rounding may depend on whether the engine has compiled the function. */
export function square(value: number): number {
  return value * value
}
