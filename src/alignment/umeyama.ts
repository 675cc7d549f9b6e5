import { InputError } from '../errors/index.js'
import type { Similarity } from '../image/index.js'

/**
 * The similarity transform that brings points as near to others as one can: the least sum of squared distances, without
 * mirroring. In the plane Umeyama's solution by singular values is this closed form: points are complex numbers, and
 * the transform is a linear regression with one complex coefficient.
 *
 * @param from x and y of each point
 * @param to the same points where they should come
 * @throws InputError where all points coincide
 * @see S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991
 */
export function estimateSimilarity(from: readonly number[], to: readonly number[]): Similarity {
  const [fromX, fromY] = centreOf(from)
  const [toX, toY] = centreOf(to)
  let [a, b, spread] = [0, 0, 0]
  for (let i = 0; i < from.length; i += 2) {
    const [x, y] = [from[i]! - fromX, from[i + 1]! - fromY]
    const [u, v] = [to[i]! - toX, to[i + 1]! - toY]
    a += x * u + y * v
    b += x * v - y * u
    spread += x * x + y * y
  }
  if (spread === 0 || (a === 0 && b === 0)) {
    throw new InputError({
      problem: 'the landmarks of the face do not tell where it is',
      actual: from.join(' '),
    })
  }
  a /= spread
  b /= spread
  return { a, b, dx: toX - (a * fromX - b * fromY), dy: toY - (b * fromX + a * fromY) }
}

function centreOf(points: readonly number[]): [number, number] {
  let [x, y] = [0, 0]
  for (let i = 0; i < points.length; i += 2) {
    x += points[i]!
    y += points[i + 1]!
  }
  return [(2 * x) / points.length, (2 * y) / points.length]
}
