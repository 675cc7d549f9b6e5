import { coverage, hill, smoothstep, square } from './curves.js'
import type { Ink } from './ink.js'
import type { Portrait } from './portrait.js'

/** Hair that hangs behind the head, shoulders, neck and ears: flat shapes that turn with the head. */
export function paintBehindHead(ink: Ink, portrait: Portrait, x: number, y: number): void {
  const { geometry, pose, hair, skin, light } = portrait
  const { head, ears } = geometry
  const dim = 0.55 * (light.ambient.g * (1 - light.hardness) + light.color.g * light.hardness * 0.6)
  const behind = Math.abs(x + 12 * pose.yaw.sine)
  if (!hair.bald && hair.sideEnd > 10) {
    const width = head.cheek + hair.volume + 3 - 0.05 * Math.max(0, y)
    ink.over(
      hair.color,
      coverage(width - behind, 2) * coverage(hair.sideEnd + 4 - y, 6) * smoothstep(-70, -30, y),
    )
  }
  const shoulders = head.chinV + 7 + 0.35 * Math.max(0, behind - head.jaw * 0.6)
  const neck = coverage(head.jaw * 0.72 - behind, 1.5) * coverage(y - head.chinV + 22, 2)
  const round = 0.9 - 0.4 * square(behind / (head.jaw * 0.72))
  ink.over(skin.base, neck, dim * round)
  const clothes = portrait.clothes
  ink.over(clothes, coverage(y - shoulders, 1.5), dim)

  for (const side of [-1, 1]) {
    const earX = side * (head.cheek + ears.width * 0.3) * pose.yaw.cosine - 6 * pose.yaw.sine
    const ex = (x - earX) / (ears.width * (1 - 0.6 * side * pose.yaw.sine))
    const ey = (y - ears.v - 2) / ears.height
    const radius = Math.sqrt(ex * ex + ey * ey)
    const ear = coverage((1 - radius) * ears.width, 1.2)
    if (ear === 0) continue
    const fold = 1.1 - 0.55 * hill(square((radius - 0.6) / 0.3)) - 0.3 * (1 - radius)
    ink.over(
      {
        r: skin.blush.r * dim * 1.5 * fold,
        g: skin.blush.g * dim * 1.5 * fold,
        b: skin.blush.b * dim * 1.5 * fold,
      },
      ear,
    )
  }
}
