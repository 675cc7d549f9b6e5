import { smoothstep } from './curves.js'
import type { FaceGeometry } from './face-geometry.js'
import type { Ink, Rgb } from './ink.js'
import { valueNoise } from './noise.js'

/** Where a beard grows belongs to the identity; how long it is today (`growth`, 0 to 1) to the image. */
export class Beard {
  readonly #geometry: FaceGeometry
  readonly #hair: Rgb
  readonly #growth: number

  constructor(geometry: FaceGeometry, hair: Rgb, growth: number) {
    this.#geometry = geometry
    this.#hair = hair
    this.#growth = growth
  }

  paint(ink: Ink, u: number, v: number, halfWidth: number): void {
    const { beard, mouth, nose, head } = this.#geometry
    if (this.#growth === 0 || v < nose.tipV) return
    const side = Math.abs(u)
    const lipTop = mouth.v - mouth.upper
    const moustache =
      beard.moustache *
      smoothstep(nose.tipV + 3, nose.tipV + 8, v + 0.12 * side) *
      (1 - smoothstep(lipTop - 1, lipTop + 2, v - 0.15 * side)) *
      (1 - smoothstep(mouth.halfWidth, mouth.halfWidth + 4, side))
    const goatee =
      beard.goatee *
      smoothstep(mouth.v + mouth.lower, mouth.v + mouth.lower + 5, v) *
      (1 - smoothstep(mouth.halfWidth * 0.7, mouth.halfWidth * 1.05, side))
    const jawline = 0.45 * (v - mouth.v) + side - 0.62 * halfWidth
    const cheeks = beard.cheeks * smoothstep(0, 7, jawline) * smoothstep(mouth.v - 22, mouth.v - 12, v)
    const low = beard.cheeks * smoothstep(head.chinV - 13, head.chinV - 7, v)
    const strands = 0.55 + 0.6 * valueNoise(u * 0.8, v * 0.45, 23)
    const density = Math.max(moustache, goatee, cheeks, low) * this.#growth * strands
    ink.over(this.#hair, Math.min(0.92, density))
  }
}
