import { rotation } from './curves.js'
import type { Draw } from './draw.js'

/** How a head is turned and how badly its photo is aligned. */
export interface Pose {
  /** Turn about the vertical axis, then nod about the horizontal one. */
  yaw: { sine: number; cosine: number }
  pitch: { sine: number; cosine: number }
  /** Error of the alignment: shift in pixels, scale, and rotation as a tangent of the half angle. */
  shiftX: number
  shiftY: number
  scale: number
  roll: { sine: number; cosine: number }
}

export function drawPose(draw: Draw): Pose {
  return {
    yaw: rotation(draw.around(-0.14, 0.14)),
    pitch: rotation(draw.around(-0.07, 0.07)),
    shiftX: draw.around(-1, 1),
    shiftY: draw.around(-1, 1),
    scale: draw.around(0.97, 1.03),
    roll: rotation(draw.around(-0.02, 0.02)),
  }
}

/** A point of the head's frame, turned: x and y on the picture plane, z at the viewer. */
export function turn(pose: Pose, u: number, v: number, z: number): { x: number; y: number; z: number } {
  const { yaw, pitch } = pose
  const depth = z * yaw.cosine - u * yaw.sine
  return {
    x: u * yaw.cosine + z * yaw.sine,
    y: v * pitch.cosine - depth * pitch.sine,
    z: v * pitch.sine + depth * pitch.cosine,
  }
}
