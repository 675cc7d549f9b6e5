import { squareOf } from './align-face.js'
import type { Face } from './face.js'

/** How much a pixel of squared distance counts against a pixel of area, as in the scripts by which LFW was aligned. */
const DISTANCE_WEIGHT = 2

/**
 * Of several faces the one that the photo shows: large and near its centre. It has the largest area of what its aligned
 * image shows, less twice the squared distance from the centre of the photo; of equal ones the first.
 * @throws InputError where the landmarks of one coincide
 */
export function centralFace(
  faces: readonly Face[],
  photo: { width: number; height: number },
): Face | undefined {
  let best: Face | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const face of faces) {
    const { x, y, side } = squareOf(face)
    const [right, below] = [x - (photo.width - 1) / 2, y - (photo.height - 1) / 2]
    const worth = side * side - DISTANCE_WEIGHT * (right * right + below * below)
    if (best === undefined || worth > most) [best, most] = [face, worth]
  }
  return best
}
