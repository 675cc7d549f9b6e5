import { coverage, hill, square } from './curves.js'
import type { Expression } from './expression.js'
import type { FaceGeometry } from './face-geometry.js'
import type { Ink, Rgb } from './ink.js'
import type { Skin } from './skin.js'

const SCLERA: Rgb = { r: 0.6, g: 0.56, b: 0.54 }
const GLINT: Rgb = { r: 0.95, g: 0.95, b: 0.95 }
const PUPIL: Rgb = { r: 0.006, g: 0.006, b: 0.006 }
const LASH: Rgb = { r: 0.03, g: 0.02, b: 0.02 }

/** Eyes with lids, lashes, creases and bags. */
export class Eyes {
  readonly #eyes: FaceGeometry['eyes']
  readonly #lines: number
  readonly #expression: Expression
  readonly #skin: Skin

  constructor(geometry: FaceGeometry, expression: Expression, skin: Skin) {
    this.#eyes = geometry.eyes
    this.#lines = geometry.lines.eyes
    this.#expression = expression
    this.#skin = skin
  }

  paint(ink: Ink, u: number, v: number): void {
    const eyes = this.#eyes
    const side = u < 0 ? -1 : 1
    const x = u * side - eyes.halfDistance
    const y = v - eyes.v + eyes.tilt * x
    if (Math.abs(x) > 17 || Math.abs(y) > 14) return
    const { shade } = this.#skin
    ink.over(shade, 0.045 * eyes.socket * hill(square(x / 11) + square((y + 1) / 8)))

    const t = x / eyes.halfWidth
    const arc = Math.max(0, 1 - t * t)
    const opening = eyes.opening * Math.max(0.1, this.#expression.eyesOpen)
    const upper = opening * (0.55 * arc + 0.45 * Math.sqrt(arc)) * (1 + eyes.skew * t)
    const lower = 0.6 * opening * arc * (1 - 0.4 * eyes.skew * t)
    if (Math.abs(t) < 1) this.#paintBall(ink, x, y, t, side, upper, lower)
    this.#paintLids(ink, x, y, t, arc, upper, lower, shade)
  }

  #paintBall(ink: Ink, x: number, y: number, t: number, side: number, upper: number, lower: number): void {
    const inside = coverage(Math.min(y + upper, lower - y), 0.9)
    if (inside === 0) return
    const { iris } = this.#skin
    const underLid = coverage(1.3 - (y + upper), 2.2)
    const dim = (1 - 0.3 * t * t) * (1 - 0.5 * underLid)
    ink.over(SCLERA, inside, dim)
    const radius = this.#eyes.iris
    const gazeX = x - this.#expression.gazeX * side
    const gazeY = y - this.#expression.gazeY + 0.12 * this.#eyes.opening
    const distance = Math.sqrt(gazeX * gazeX + gazeY * gazeY)
    const rim = 1 - 0.5 * hill(square((distance - radius) / 0.9))
    ink.over(iris, inside * coverage(radius - distance, 0.8), rim * dim)
    ink.over(PUPIL, inside * coverage(0.42 * radius - distance, 0.8))
  }

  #paintLids(
    ink: Ink,
    x: number,
    y: number,
    t: number,
    arc: number,
    upper: number,
    lower: number,
    shade: Rgb,
  ): void {
    const eyes = this.#eyes
    const reach = coverage(1.06 - Math.abs(t), 0.1)
    ink.over(LASH, 0.85 * reach * coverage(0.55 + 0.3 * t - Math.abs(y + upper), 1))
    ink.over(shade, 0.5 * reach * coverage(0.35 - Math.abs(y - lower), 0.9))
    if (eyes.crease > 0) {
      const crease = y + upper + eyes.crease * (0.5 + 0.5 * arc)
      ink.over(shade, 0.55 * coverage(1.15 - Math.abs(t), 0.25) * coverage(0.35 - Math.abs(crease), 1))
    }
    if (eyes.bag > 0) {
      const bag = y - lower - 3.6
      ink.over(shade, 0.4 * eyes.bag * coverage(0.95 - Math.abs(t), 0.4) * coverage(0.5 - Math.abs(bag), 1.6))
    }
    if (this.#lines > 0 && x > eyes.halfWidth + 1) {
      const fan = Math.abs(((y + 20) % 2.6) - 1.3) - 0.06 * x
      ink.over(
        shade,
        0.35 *
          this.#lines *
          coverage(0.3 - fan, 0.8) *
          hill(square((x - eyes.halfWidth - 4) / 4) + square(y / 5)),
      )
    }
  }

  /** The lamp mirrored in the cornea: laid over after shading. */
  glint(ink: Ink, u: number, v: number, towardU: number, towardV: number): void {
    const eyes = this.#eyes
    const side = u < 0 ? -1 : 1
    const x = u - side * eyes.halfDistance - this.#expression.gazeX - 1.3 * towardU
    const y = v - eyes.v - this.#expression.gazeY - 1.1 * towardV + 0.3
    if (this.#expression.eyesOpen * eyes.opening < 1.4) return
    ink.over(GLINT, 0.8 * coverage(0.55 - Math.sqrt(x * x + y * y), 0.7))
  }
}
