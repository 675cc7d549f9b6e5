import { coverage, smoothstep } from './curves.js'
import type { Expression } from './expression.js'
import type { FaceGeometry } from './face-geometry.js'
import type { Ink, Rgb } from './ink.js'
import { valueNoise } from './noise.js'

/** Eyebrows and the lines between and above them. */
export class Brows {
  readonly #geometry: FaceGeometry
  readonly #expression: Expression
  readonly #hair: Rgb
  readonly #shade: Rgb

  constructor(geometry: FaceGeometry, expression: Expression, hair: Rgb, shade: Rgb) {
    this.#geometry = geometry
    this.#expression = expression
    this.#hair = hair
    this.#shade = shade
  }

  paint(ink: Ink, u: number, v: number): void {
    if (v > -10 || v < -56) return
    this.#paintLines(ink, u, v)
    const { brows, eyes } = this.#geometry
    const { browRaise, frown } = this.#expression
    const t = (Math.abs(u) - brows.inner + 1.5 * frown) / brows.length
    if (t < -0.1 || t > 1.1) return
    const bend = t < brows.peak ? t / brows.peak : (1 - t) / (1 - brows.peak)
    const middle =
      eyes.v -
      brows.gap -
      browRaise -
      brows.arch * bend * (2 - bend) -
      brows.tilt * brows.length * (t - 0.4) +
      2.6 * frown * (1 - t)
    const thickness = brows.thickness * (1 - 0.65 * t * t) * (0.6 + 0.4 * smoothstep(0, 0.2, t))
    const ends = smoothstep(-0.04, 0.06, t) * (1 - smoothstep(0.92, 1.04, t))
    const strands = 0.65 + 0.5 * valueNoise(u * 0.9 + v * 0.6, v * 1.4, 11)
    const density = Math.min(1, brows.density * strands) * ends
    ink.over(this.#hair, density * coverage(thickness - Math.abs(v - middle), 1.7))
  }

  #paintLines(ink: Ink, u: number, v: number): void {
    const { lines, eyes, brows } = this.#geometry
    const raise = 0.6 + 0.25 * Math.max(0, this.#expression.browRaise)
    if (lines.forehead > 0) {
      const above = eyes.v - brows.gap - 6 - v
      if (above > 0 && above < 15) {
        const wave = Math.abs(((above + 0.006 * u * u) % 4.6) - 2.3)
        ink.over(
          this.#shade,
          0.4 * raise * lines.forehead * coverage(0.35 - wave, 1) * (1 - smoothstep(14, 24, Math.abs(u))),
        )
      }
    }
    const between = Math.abs(Math.abs(u) - 2.6)
    const height = Math.abs(v - eyes.v + 6)
    const depth = lines.frown * 0.5 + this.#expression.frown * 0.4
    ink.over(this.#shade, 0.6 * depth * coverage(0.4 - between, 1) * (1 - smoothstep(2, 5.5, height)))
  }
}
