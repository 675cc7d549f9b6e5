import { describe, expect, it } from 'vitest'
import { inverse, type RgbImage, resize, transform, warp } from '../../src/image/index.js'
import { gradient, meanDifference } from './pictures.js'

function image(width: number, height: number, data = gradient(width, height)): RgbImage {
  return { width, height, data }
}

/** What lies more than `border` pixels from the edge. */
function inner({ width, height, data }: RgbImage, border: number): Uint8Array {
  const rows = Array.from({ length: height - 2 * border }, (_, i) =>
    data.subarray(3 * ((i + border) * width + border), 3 * ((i + border + 1) * width - border)),
  )
  return Buffer.concat(rows)
}

const SHARP_EDGES_ASIDE = 0.8

describe('warp', () => {
  it('leaves pixels as they are where nothing moves, and shifts by whole pixels without change', () => {
    const source = image(20, 20)
    expect(warp(source, { a: 1, b: 0, dx: 0, dy: 0 }, 20)).toEqual(source)
    const shifted = warp(source, { a: 1, b: 0, dx: 3, dy: 5 }, 10)
    for (const [x, y] of [
      [0, 0],
      [9, 9],
      [4, 7],
    ] as const) {
      const at = 3 * ((y + 5) * 20 + x + 3)
      expect([...shifted.data.subarray(3 * (y * 10 + x), 3 * (y * 10 + x) + 3)]).toEqual([
        ...source.data.subarray(at, at + 3),
      ])
    }
  })

  it('turns to the left by a quarter as moving the pixels does', () => {
    const source = image(9, 9)
    const turned = warp(source, { a: 0, b: 1, dx: 8, dy: 0 }, 9)
    for (let y = 0; y < 9; y++) {
      for (let x = 0; x < 9; x++) {
        const at = 3 * (x * 9 + (8 - y))
        expect(turned.data[3 * (y * 9 + x)]).toBe(source.data[at])
      }
    }
  })

  it('is black beyond the edge', () => {
    const white = image(10, 10, new Uint8Array(300).fill(255))
    const { data } = warp(white, { a: 1, b: 0, dx: -5, dy: 0 }, 10)
    expect(data[0]).toBe(0)
    expect(data[3 * 9]).toBe(255)
  })

  it.each([2, 3.7, 4, 7.3, 16])('does not alias when it shrinks by %f', (factor) => {
    // Lines of one pixel: their mean is gray, whatever the phase. Four neighbours would show moiré.
    const side = Math.round(40 * factor)
    const lines = new Uint8Array(3 * side * side)
    for (let i = 0; i < lines.length; i++) lines[i] = (Math.floor(i / 3) % side) % 2 === 0 ? 255 : 0
    const offset = (factor - 1) / 2
    const small = warp(image(side, side, lines), { a: factor, b: 0, dx: offset, dy: offset }, 40)
    for (const value of inner(small, 3)) expect(Math.abs(value - 127.5)).toBeLessThan(8)
  })

  it.each([1.5, 3, 4.5, 6, 9])('shrinks by %f as resizing does', (factor) => {
    const side = Math.round(60 * factor)
    const source = image(side, side)
    const small = warp(source, { a: side / 60, b: 0, dx: (side / 60 - 1) / 2, dy: (side / 60 - 1) / 2 }, 60)
    const expected = resize(source, { width: 60, height: 60, fit: 'fill' })
    expect(meanDifference(inner(small, 3), inner(expected, 3))).toBeLessThan(SHARP_EDGES_ASIDE)
  })

  it('turns and scales a picture, and back', () => {
    const source = image(112, 112)
    const away = { a: 1.3, b: 0.6, dx: -40, dy: -20 }
    const large = warp(source, away, 200)
    const again = warp(large, inverse(away), 112)
    const [x, y] = transform(inverse(away), 56, 56)
    expect(Math.min(x, y)).toBeGreaterThan(10)
    const part = (of: RgbImage) => inner(of, 46)
    expect(meanDifference(part(again), part(source))).toBeLessThan(SHARP_EDGES_ASIDE)
  })
})
