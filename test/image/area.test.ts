import { describe, expect, it } from 'vitest'
import { cutSquares, type RgbImage, resizeByArea } from '../../src/image/index.js'
import { gradient, meanDifference } from './pictures.js'

function image(width: number, height: number): RgbImage {
  return { width, height, data: gradient(width, height) }
}

/** Means of the areas, as by OpenCV's INTER_AREA, one axis after the other. */
function byDefinition({ width, height, data }: RgbImage, columns: number, rows: number): number[] {
  const shares = (from: number, to: number, length: number) =>
    Array.from({ length }, (_, pixel) => Math.max(0, Math.min(to, pixel + 1) - Math.max(from, pixel)))
  const out: number[] = []
  for (let y = 0; y < rows; y++) {
    const down = shares((y * height) / rows, ((y + 1) * height) / rows, height)
    for (let x = 0; x < columns; x++) {
      const across = shares((x * width) / columns, ((x + 1) * width) / columns, width)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0
        for (const [row, a] of down.entries()) {
          for (const [column, b] of across.entries())
            sum += a * b * data[3 * (row * width + column) + channel]!
        }
        out.push((sum * columns * rows) / (width * height))
      }
    }
  }
  return out
}

describe('resizeByArea', () => {
  it.each([
    [40, 40, 20, 20],
    [41, 41, 13, 13],
    [64, 48, 29, 22],
  ])('of %d x %d to %d x %d gives the means of areas', (width, height, columns, rows) => {
    const { data } = resizeByArea(image(width, height), columns, rows)
    const expected = byDefinition(image(width, height), columns, rows)
    for (const [i, value] of data.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1.6)
  })

  it('interpolates where the image grows', () => {
    const { data } = resizeByArea({ width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 100, 100, 100) }, 4, 1)
    expect([0, 3, 6, 9].map((at) => data[at])).toEqual([0, 25, 75, 100])
  })
})

describe('cutSquares', () => {
  const source = image(60, 50)

  it('gives the parts of the image, as cutting and resizing them does', () => {
    const squares = [
      { left: 10, top: 5, side: 24 },
      { left: 20, top: 12, side: 37 },
    ]
    const cut = cutSquares(source, squares, 12)
    for (const [i, { left, top, side }] of squares.entries()) {
      const rows = Array.from({ length: side }, (_, y) =>
        source.data.subarray(3 * ((top + y) * 60 + left), 3 * ((top + y) * 60 + left + side)),
      )
      const part = { width: side, height: side, data: new Uint8Array(Buffer.concat(rows)) }
      expect(cut.subarray(432 * i, 432 * (i + 1))).toEqual(resizeByArea(part, 12, 12).data)
    }
  })

  it('is black beyond the edges, and wholly so outside', () => {
    const white = { width: 20, height: 20, data: new Uint8Array(1200).fill(255) }
    const squares = [
      { left: -10, top: 0, side: 20 },
      { left: 10, top: 10, side: 20 },
      { left: 30, top: 0, side: 20 },
    ]
    const cut = cutSquares(white, squares, 10)
    const means = [0, 1, 2].map((i) =>
      meanDifference(cut.subarray(300 * i, 300 * (i + 1)), new Uint8Array(300)),
    )
    expect(means).toEqual([127.5, 63.75, 0])
  })
})
