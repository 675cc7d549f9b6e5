import type { Expression } from './expression.js'
import type { FaceGeometry } from './face-geometry.js'
import type { HeadShape } from './head-shape.js'
import { mouthCorner } from './mouth.js'
import { type Pose, turn } from './pose.js'
import type { Relief } from './relief.js'

export const IMAGE_SIZE = 112

/** Eyes, tip of the nose and corners of the mouth at 112x112. Source: insightface, `face_align.py`, arcface_dst. */
const TEMPLATE: readonly (readonly [number, number])[] = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
]

/** Maps pixels of the image onto the picture plane of the head: x' = a x - b y + shiftX, y' = b x + a y + shiftY. */
export interface Alignment {
  a: number
  b: number
  shiftX: number
  shiftY: number
}

/**
 * Aligns a face like a face detector's crop: the similarity that brings its five points onto the template with the
 * least squares, then the pose's own error of alignment.
 */
export function alignFace(
  geometry: FaceGeometry,
  expression: Expression,
  head: HeadShape,
  relief: Relief,
  pose: Pose,
): Alignment {
  const { eyes, nose } = geometry
  const corner = mouthCorner(geometry, expression)
  const points = [
    [-eyes.halfDistance, eyes.v],
    [eyes.halfDistance, eyes.v],
    [nose.bend, nose.tipV],
    [-corner.u, corner.v],
    [corner.u, corner.v],
  ].map(([u, v]) => turn(pose, u!, v!, head.height(u!, v!) + relief.height(u!, v!)))

  // From the template to the face, since it is pixels that are looked up.
  const from = centroid(TEMPLATE.map(([x, y]) => ({ x, y })))
  const to = centroid(points)
  let along = 0
  let across = 0
  let spread = 0
  for (const [index, point] of points.entries()) {
    const [x, y] = TEMPLATE[index]!
    const fx = x - from.x
    const fy = y - from.y
    along += fx * (point.x - to.x) + fy * (point.y - to.y)
    across += fx * (point.y - to.y) - fy * (point.x - to.x)
    spread += fx * fx + fy * fy
  }
  const { sine, cosine } = pose.roll
  const a = ((along * cosine - across * sine) / spread) * pose.scale
  const b = ((across * cosine + along * sine) / spread) * pose.scale
  const x = from.x + pose.shiftX
  const y = from.y + pose.shiftY
  return { a, b, shiftX: to.x - a * x + b * y, shiftY: to.y - b * x - a * y }
}

function centroid(points: { x: number; y: number }[]): { x: number; y: number } {
  let x = 0
  let y = 0
  for (const point of points) {
    x += point.x / points.length
    y += point.y / points.length
  }
  return { x, y }
}
