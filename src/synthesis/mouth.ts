import { clamp, coverage, hill, mix, square } from './curves.js'
import type { Expression } from './expression.js'
import type { FaceGeometry } from './face-geometry.js'
import type { Ink, Rgb } from './ink.js'
import type { Skin } from './skin.js'

const TEETH: Rgb = { r: 0.62, g: 0.58, b: 0.5 }
const INSIDE: Rgb = { r: 0.05, g: 0.012, b: 0.012 }

/** Lips, teeth and the fold from nose to mouth. */
export class Mouth {
  readonly #geometry: FaceGeometry
  readonly #expression: Expression
  readonly #skin: Skin
  readonly #halfWidth: number
  readonly #cornerV: number

  constructor(geometry: FaceGeometry, expression: Expression, skin: Skin) {
    this.#geometry = geometry
    this.#expression = expression
    this.#skin = skin
    const corner = mouthCorner(geometry, expression)
    this.#halfWidth = corner.u
    this.#cornerV = corner.v
  }

  paint(ink: Ink, u: number, v: number): void {
    const { mouth, nose, cheeks } = this.#geometry
    const { smile, mouthOpen } = this.#expression
    const side = Math.abs(u)
    if (side > 30 || v < nose.tipV - 4 || v > mouth.v + 18) return
    const { lip, shade } = this.#skin
    const foldX = nose.wings + 2 + (v - nose.tipV) * 0.38
    const foldEnds = clamp((v - nose.tipV + 2) / 4, 0, 1) * clamp((mouth.v + 1 - v) / 6, 0, 1)
    const fold = 0.22 * cheeks.fold + 0.28 * Math.max(0, smile)
    ink.over(shade, foldEnds * fold * coverage(0.5 - Math.abs(side - foldX), 2))

    const t = u / this.#halfWidth
    const arc = Math.max(0, 1 - t * t)
    const line = mix(mouth.v, this.#cornerV, t * t)
    const gap = mouthOpen * 0.5 * arc
    const thin = 1 - 0.22 * Math.max(0, smile)
    const bow = mouth.bow * (hill(square(Math.abs(t) - 0.26) / 0.07) * 0.6 - hill(square(t / 0.2)) * 0.7)
    const top = line - gap - thin * (mouth.upper * arc + bow)
    const bottom = line + gap + thin * mouth.lower * arc * (1.1 - 0.1 * arc)
    if (Math.abs(t) < 1) {
      const inside = Math.min(v - top, bottom - v)
      const upper = v < line
      const tone = upper ? 0.78 : 1
      ink.over(lip, 0.9 * coverage(inside, 1.1), tone)
      if (gap > 0.2) this.#paintOpening(ink, v, line, gap)
    }
    const seam = coverage(0.4 - Math.abs(v - line), 1) * coverage(1.03 - Math.abs(t), 0.08)
    if (gap <= 0.2) ink.over(shade, 0.85 * seam)
    ink.over(shade, 0.5 * hill(square((side - this.#halfWidth) / 2.4) + square((v - this.#cornerV) / 2)))
    ink.over(shade, 0.25 * hill(square(t / 0.7) + square((v - bottom - 2) / 2.2)))
  }

  #paintOpening(ink: Ink, v: number, line: number, gap: number): void {
    const opening = coverage(gap - Math.abs(v - line), 0.9)
    const teeth = coverage(line + gap * 0.45 - v, 0.8)
    ink.over(INSIDE, opening)
    ink.over(TEETH, opening * teeth * clamp(gap * 1.2, 0, 0.9))
  }
}

/** The right corner of the mouth; the left one mirrors it. */
export function mouthCorner(
  { mouth }: FaceGeometry,
  { smile, mouthOpen }: Expression,
): { u: number; v: number } {
  return {
    u: mouth.halfWidth * (1 + 0.17 * smile) - 0.25 * mouthOpen,
    v: mouth.v + mouth.corner - 3.4 * smile,
  }
}
