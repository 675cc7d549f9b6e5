import type { Draw } from './draw.js'
import type { Rgb } from './ink.js'
import { type Pose, turn } from './pose.js'

/** One lamp, its reflection all around, and how the photo was exposed. */
export interface Light {
  /** Unit vector from the face to the lamp, in the head's frame. */
  u: number
  v: number
  z: number
  color: Rgb
  ambient: Rgb
  /** Share of light that comes from the lamp. */
  hardness: number
  gloss: number
}

export function drawLight(draw: Draw, pose: Pose): Light {
  const x = draw.around(-1, 1)
  const y = draw.around(-1.3, 0.6)
  const z = draw.between(0.55, 1.2)
  const length = Math.sqrt(x * x + y * y + z * z)
  const warmth = draw.around(-0.2, 0.2)
  const exposure = draw.between(0.75, 1.4)
  const hardness = draw.between(0.2, 0.55)
  const bounce = draw.around(-0.25, 0.25)
  return {
    ...intoHeadFrame(pose, x / length, y / length, z / length),
    color: { r: exposure * (1 + warmth), g: exposure, b: exposure * (1 - warmth) },
    ambient: { r: exposure * (1 + bounce), g: exposure, b: exposure * (1 - bounce) },
    hardness,
    gloss: draw.between(0.02, 0.14),
  }
}

/** Undoes the turn of the head for a direction: a rotation's inverse is its transpose. */
function intoHeadFrame(pose: Pose, x: number, y: number, z: number): { u: number; v: number; z: number } {
  const right = turn(pose, 1, 0, 0)
  const down = turn(pose, 0, 1, 0)
  const front = turn(pose, 0, 0, 1)
  return {
    u: x * right.x + y * right.y + z * right.z,
    v: x * down.x + y * down.y + z * down.z,
    z: x * front.x + y * front.y + z * front.z,
  }
}
