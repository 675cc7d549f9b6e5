import type { RgbImage } from './rgb-image.js'
import { shrink } from './shrink.js'
import { type Similarity, scaleOf, transform } from './similarity.js'

/** From this reduction on blocks of pixels are averaged first, so that no output is made of more than 256 pixels. */
const SHRINK_FROM = 4

/** Distance, in pixels, from which on the cubic's weight is 0. */
const REACH = 2

/**
 * Takes a square of `size` x `size` pixels out of an image, turned and scaled. Each output is a mean of the pixels around
 * its place, weighted by Keys' cubic (a = -1/2, "Catmull-Rom") along both axes of the source. Where the image shrinks
 * the cubic is as much wider, so that detail finer than an output pixel is averaged and does not alias, as it does where
 * four neighbours are interpolated. Beyond the edge everything is black.
 *
 * In doubles and without functions that differ between machines: the same bytes everywhere.
 *
 * @param toSource leads from pixels of the result to pixels of the image
 * @returns RGB [size, size, 3]
 * @see R. Keys, "Cubic convolution interpolation for digital image processing", 1981
 */
export function warp(image: RgbImage, toSource: Similarity, size: number): RgbImage {
  const factor = scaleOf(toSource) < SHRINK_FROM ? 1 : Math.floor(scaleOf(toSource) / 2)
  if (factor === 1) return new Warp(image, toSource).run(size)
  const { a, b, dx, dy } = toSource
  // Centres of blocks: pixel p of the image is at (p + 1/2) / factor - 1/2.
  const offset = (1 / factor - 1) / 2
  return new Warp(shrink(image, factor, factor), {
    a: a / factor,
    b: b / factor,
    dx: dx / factor + offset,
    dy: dy / factor + offset,
  }).run(size)
}

class Warp {
  readonly #image: RgbImage
  readonly #toSource: Similarity
  readonly #stretch: number
  readonly #across: Float64Array
  readonly #down: Float64Array

  constructor(image: RgbImage, toSource: Similarity) {
    this.#image = image
    this.#toSource = toSource
    this.#stretch = Math.max(1, scaleOf(toSource))
    const taps = Math.floor(2 * REACH * this.#stretch) + 1
    this.#across = new Float64Array(taps)
    this.#down = new Float64Array(taps)
  }

  run(size: number): RgbImage {
    const data = new Uint8ClampedArray(3 * size * size)
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) this.#fill(data, 3 * (y * size + x), x, y)
    }
    return { width: size, height: size, data: new Uint8Array(data.buffer) }
  }

  #fill(target: Uint8ClampedArray, at: number, x: number, y: number): void {
    const { data, width, height } = this.#image
    const [left, top] = transform(this.#toSource, x, y)
    const firstColumn = Math.ceil(left - REACH * this.#stretch)
    const firstRow = Math.ceil(top - REACH * this.#stretch)
    const columns = this.#weigh(this.#across, left, firstColumn, width)
    const rows = this.#weigh(this.#down, top, firstRow, height)
    let red = 0
    let green = 0
    let blue = 0
    for (let row = rows.begin; row < rows.end; row++) {
      let rowRed = 0
      let rowGreen = 0
      let rowBlue = 0
      let source = 3 * ((firstRow + row) * width + firstColumn + columns.begin)
      for (let column = columns.begin; column < columns.end; column++, source += 3) {
        const weight = this.#across[column]!
        rowRed += weight * data[source]!
        rowGreen += weight * data[source + 1]!
        rowBlue += weight * data[source + 2]!
      }
      const weight = this.#down[row]!
      red += weight * rowRed
      green += weight * rowGreen
      blue += weight * rowBlue
    }
    target[at] = red
    target[at + 1] = green
    target[at + 2] = blue
  }

  /** The weights of the pixels around a place, which sum to 1, and those among them that are in the image. */
  #weigh(
    weights: Float64Array,
    centre: number,
    first: number,
    length: number,
  ): { begin: number; end: number } {
    let sum = 0
    for (let i = 0; i < weights.length; i++) {
      const weight = cubic((first + i - centre) / this.#stretch)
      weights[i] = weight
      sum += weight
    }
    for (let i = 0; i < weights.length; i++) weights[i]! /= sum
    return { begin: Math.max(0, -first), end: Math.min(weights.length, length - first) }
  }
}

function cubic(distance: number): number {
  const x = Math.abs(distance)
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  return x < REACH ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
}
