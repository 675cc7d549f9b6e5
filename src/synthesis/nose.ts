import { coverage, hill, square } from './curves.js'
import type { FaceGeometry } from './face-geometry.js'
import type { Ink, Rgb } from './ink.js'

/** Nostrils and the creases around the wings; the ridge itself is relief. */
export class Nose {
  readonly #nose: FaceGeometry['nose']
  readonly #shade: Rgb
  readonly #dark: Rgb

  constructor(geometry: FaceGeometry, shade: Rgb) {
    this.#nose = geometry.nose
    this.#shade = shade
    this.#dark = { r: shade.r * 0.3, g: shade.g * 0.25, b: shade.b * 0.25 }
  }

  paint(ink: Ink, u: number, v: number): void {
    const nose = this.#nose
    const x = Math.abs(u - nose.bend)
    const y = v - nose.tipV
    if (x > 16 || y < -8 || y > 14) return
    const base = nose.tipRadius * 0.62
    ink.over(this.#shade, 0.4 * hill(square(x / nose.wings) + square((y - base - 2) / 3.2)))
    const nostrilX = (x - nose.wings * 0.5) / (nose.nostril * 1.35)
    const nostrilY = (y - base - 0.12 * x) / (nose.nostril * 0.75)
    const nostril = 1 - Math.sqrt(nostrilX * nostrilX + nostrilY * nostrilY)
    ink.over(this.#dark, 0.9 * coverage(nostril * nose.nostril, 1))
    const wingX = x - nose.wings * 0.6
    const wingY = y - 0.8
    const ring = Math.abs(Math.sqrt(wingX * wingX + wingY * wingY * 1.1) - nose.wings * 0.42)
    if (wingX > 0) ink.over(this.#shade, 0.5 * coverage(0.4 - ring, 1.1))
  }
}
