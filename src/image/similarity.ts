/**
 * A plane turned, scaled and moved, without mirroring: (x, y) goes to (a x - b y + dx, b x + a y + dy). Coordinates are
 * pixels; the centre of the first pixel is (0, 0).
 */
export interface Similarity {
  a: number
  b: number
  dx: number
  dy: number
}

/** How many times as long everything becomes. */
export function scaleOf({ a, b }: Similarity): number {
  return Math.sqrt(a * a + b * b)
}

/** The way back. The scale must not be 0. */
export function inverse({ a, b, dx, dy }: Similarity): Similarity {
  const square = a * a + b * b
  const [p, q] = [a / square, -b / square]
  return { a: p, b: q, dx: -(p * dx - q * dy), dy: -(q * dx + p * dy) }
}

export function transform({ a, b, dx, dy }: Similarity, x: number, y: number): [number, number] {
  return [a * x - b * y + dx, b * x + a * y + dy]
}
