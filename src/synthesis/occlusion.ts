import { coverage, segmentDistance, smoothstep } from './curves.js'
import type { Draw } from './draw.js'
import type { FaceGeometry } from './face-geometry.js'
import type { Ink, Rgb } from './ink.js'
import type { Pose } from './pose.js'

/** What is worn on or held before the face in one photo. */
export interface Occlusion {
  glasses: Glasses | undefined
  mask: { color: Rgb; topV: number } | undefined
  fingers: { x: number; y: number; slant: number; radius: number; count: number } | undefined
}

export interface Glasses {
  color: Rgb
  halfWidth: number
  halfHeight: number
  /** 0 is round, 1 square. */
  square: number
  rim: number
  /** Opacity of the lenses. */
  tint: number
}

export function drawOcclusion(draw: Draw): Occlusion {
  const worn = draw.between(0, 1)
  const sun = worn < 0.015
  const glasses: Glasses = {
    color: draw.pick([
      { r: 0.01, g: 0.01, b: 0.01 },
      { r: 0.12, g: 0.05, b: 0.02 },
      { r: 0.5, g: 0.4, b: 0.2 },
      { r: 0.4, g: 0.42, b: 0.45 },
    ]),
    halfWidth: draw.between(9.5, 13),
    halfHeight: draw.between(6.5, 10),
    square: draw.between(0, 1),
    rim: draw.between(0.5, 1.4),
    tint: sun ? draw.between(0.75, 0.97) : 0.06,
  }
  const mask = {
    color: { r: draw.between(0.2, 0.9), g: draw.between(0.3, 0.9), b: draw.between(0.3, 0.95) },
    topV: draw.between(-6, 4),
  }
  const fingers = {
    x: 56 + draw.sign() * draw.between(24, 42),
    y: draw.between(60, 96),
    slant: draw.around(-0.8, 0.8),
    radius: draw.between(4, 5.5),
    count: 2 + draw.integer(3),
  }
  return {
    glasses: worn < 0.1 ? glasses : undefined,
    mask: draw.chance(0.015) ? mask : undefined,
    fingers: draw.chance(0.025) ? fingers : undefined,
  }
}

/** A mask lies on the skin: it is painted before shading. */
export function paintMask(ink: Ink, occlusion: Occlusion, u: number, v: number, halfWidth: number): void {
  const { mask } = occlusion
  if (mask === undefined) return
  const side = Math.abs(u)
  const top = mask.topV + 0.16 * side
  const pleat = 0.9 + 0.1 * smoothstep(0.2, 0.5, Math.abs(((v + 60) % 7) / 7 - 0.5))
  ink.over(mask.color, coverage(v - top, 1) * coverage(0.86 * halfWidth - side, 1.5), pleat)
  const strap = Math.abs(v - top - 3 + (side - 0.86 * halfWidth) * 0.7)
  ink.over(mask.color, coverage(0.6 - strap, 1) * coverage(side - 0.84 * halfWidth, 1))
}

/** Spectacles stand in a plane before the eyes. (x, y) is on the picture plane. */
export function paintGlasses(
  ink: Ink,
  occlusion: Occlusion,
  geometry: FaceGeometry,
  pose: Pose,
  x: number,
  y: number,
): void {
  const { glasses } = occlusion
  if (glasses === undefined) return
  const plane = geometry.head.depth + 1
  const u = (x - plane * pose.yaw.sine) / pose.yaw.cosine
  const depth = plane * pose.yaw.cosine - u * pose.yaw.sine
  const v = (y + depth * pose.pitch.sine) / pose.pitch.cosine - geometry.eyes.v - 1
  const side = Math.abs(u)
  if (v < -16 || v > 16 || side > 48) return
  const center = Math.max(geometry.eyes.halfDistance, glasses.halfWidth + 1.6)
  const lens = lensDistance(glasses, side - center, v)
  ink.over(glasses.color, glasses.tint * coverage(lens, 1))
  ink.over(glasses.color, 0.95 * coverage(glasses.rim - Math.abs(lens), 0.9))
  const bridge = center - glasses.halfWidth
  if (side < bridge)
    ink.over(glasses.color, 0.95 * coverage(glasses.rim - Math.abs(v + 2.2 + 0.2 * (bridge - side)), 0.9))
  const hinge = side - center - glasses.halfWidth
  if (hinge > 0)
    ink.over(glasses.color, 0.9 * coverage(glasses.rim - Math.abs(v + 2.5), 0.9) * coverage(11 - hinge, 3))
}

/** Signed distance to the edge of a lens, positive inside: an ellipse blended with a rounded box. */
function lensDistance(glasses: Glasses, x: number, y: number): number {
  const px = x / glasses.halfWidth
  const py = y / glasses.halfHeight
  const ellipse = (1 - Math.sqrt(px * px + py * py)) * glasses.halfHeight
  const corner = 3
  const bx = Math.max(Math.abs(x) - glasses.halfWidth + corner, 0)
  const by = Math.max(Math.abs(y) - glasses.halfHeight + corner, 0)
  const box = corner - Math.sqrt(bx * bx + by * by)
  return ellipse + (box - ellipse) * glasses.square
}

/** Fingers before the face, in pixels of the image. */
export function paintFingers(ink: Ink, occlusion: Occlusion, skin: Rgb, x: number, y: number): void {
  const { fingers } = occlusion
  if (fingers === undefined) return
  for (let finger = 0; finger < fingers.count; finger++) {
    const tipX = fingers.x + finger * fingers.radius * 1.9
    const tipY = fingers.y + (finger === 1 ? -4 : 0)
    const distance = segmentDistance(x, y, tipX, tipY, tipX + fingers.slant * 60, tipY + 70)
    const inside = fingers.radius - distance
    const round = 0.45 + 0.55 * smoothstep(0, fingers.radius, inside)
    ink.over(skin, coverage(inside, 1), round)
  }
}
