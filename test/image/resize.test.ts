import { describe, expect, it } from 'vitest'
import { type RgbImage, resize, type TargetSize } from '../../src/image/index.js'
import { pixelMemory } from '../../src/image/pixel-memory.js'
import { gradient, meanDifference } from './pictures.js'

const stripes = (width: number, height: number, colour: (x: number, y: number) => number[]) => {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) data.set(colour(i % width, Math.floor(i / width)), 3 * i)
  return { width, height, data }
}

describe('resize', () => {
  it('gives back an image that has the size already', () => {
    const image = { width: 12, height: 12, data: gradient(12, 12) }
    expect(resize(image, { width: 12, height: 12, fit: 'cover' })).toBe(image)
  })

  it('keeps the picture', () => {
    const image = { width: 240, height: 160, data: gradient(240, 160) }
    const { width, height, data } = resize(image, { width: 60, height: 40, fit: 'cover' })
    expect([width, height]).toEqual([60, 40])
    expect(meanDifference(data, gradient(60, 40))).toBeLessThan(3)
  })

  // A wide image: a red, a green and a blue third.
  const thirds = stripes(90, 30, (x) => (x < 30 ? [255, 0, 0] : x < 60 ? [0, 255, 0] : [0, 0, 255]))
  const centreOfRow = (data: Uint8Array, size: number, x: number) => [
    ...data.subarray(3 * (size * Math.floor(size / 2) + x), 3 * (size * Math.floor(size / 2) + x) + 3),
  ]

  it('cover cuts off evenly at both sides', () => {
    const { data } = resize(thirds, { width: 30, height: 30, fit: 'cover' })
    for (const x of [2, 15, 27]) expect(centreOfRow(data, 30, x)).toEqual([0, 255, 0])
  })

  it('contain shows all of it, with black beside', () => {
    const { data } = resize(thirds, { width: 30, height: 30, fit: 'contain' })
    expect([...data.subarray(0, 3)]).toEqual([0, 0, 0])
    expect(centreOfRow(data, 30, 5)).toEqual([255, 0, 0])
    expect(centreOfRow(data, 30, 24)).toEqual([0, 0, 255])
  })

  it('fill stretches', () => {
    const { data } = resize(thirds, { width: 30, height: 30, fit: 'fill' })
    expect(centreOfRow(data, 30, 4)).toEqual([255, 0, 0])
    expect([...data.subarray(3 * 15, 3 * 15 + 3)]).toEqual([0, 255, 0])
  })

  it('filters before it shrinks: fine stripes become gray, not a moiré', () => {
    const fine = stripes(400, 400, (x) => (x % 2 === 0 ? [255, 255, 255] : [0, 0, 0]))
    const { data } = resize(fine, { width: 37, height: 37, fit: 'fill' })
    for (const level of data) expect(Math.abs(level - 128)).toBeLessThan(12)
  })

  it('is a Lanczos window of 3 lobes, within a level, up and down, also in strips', () => {
    for (const [width, height, target] of [
      [250, 250, { width: 112, height: 112, fit: 'fill' }],
      [1500, 900, { width: 37, height: 41, fit: 'fill' }],
      [20, 33, { width: 90, height: 100, fit: 'fill' }],
      [3, 2, { width: 5, height: 9, fit: 'fill' }],
      [1, 1, { width: 4, height: 4, fit: 'cover' }],
      [301, 97, { width: 64, height: 48, fit: 'cover' }],
      [20_000, 70, { width: 30, height: 20, fit: 'cover' }],
    ] as const) {
      const image = { width, height, data: gradient(width, height) }
      const { data } = resize(image, target)
      const expected = lanczos(image, target)
      for (let i = 0; i < data.length; i++) {
        // Once rounded between the passes, once at the end.
        expect(Math.abs(data[i]! - expected[i]!)).toBeLessThan(1.6)
      }
    }
  })

  it('leaves a flat area as it is, to the edges', () => {
    const flat = stripes(700, 300, () => [255, 1, 128])
    const { data } = resize(flat, { width: 112, height: 112, fit: 'cover' })
    expect(data.every((level, i) => level === [255, 1, 128][i % 3])).toBe(true)
  })

  it('takes images as thin as a hair, in little memory', () => {
    for (const [width, height] of [
      [65_500, 1],
      [1, 65_500],
      [20_000_001, 1],
      [1, 20_000_001],
    ] as const) {
      const hair = { width, height, data: new Uint8Array(3 * width * height).fill(90) }
      const { data } = resize(hair, { width: 112, height: 112, fit: 'contain' })
      expect(data.filter((level) => level === 90).length).toBe(3 * 112)
      const { data: all } = resize(hair, { width: 112, height: 112, fit: 'fill' })
      expect(all.every((level) => level === 90)).toBe(true)
    }
    expect(pixelMemory.kernels.memory.buffer.byteLength).toBeLessThan(64 * 2 ** 20)
  })

  it('averages an image that is too long for a JPEG before it resamples it', () => {
    const stripe = stripes(140_000, 2, (x) => (x % 2 === 0 ? [100, 0, 0] : [200, 0, 0]))
    const { data } = resize(stripe, { width: 50, height: 2, fit: 'fill' })
    for (let i = 0; i < data.length; i += 3) expect(Math.abs(data[i]! - 150)).toBeLessThan(2)
  })
})

/** The same in floating point, each output summed over the whole of its window. */
function lanczos(image: RgbImage, target: TargetSize): Float64Array {
  const [x, y] = [image.width / target.width, image.height / target.height]
  const [across, down] = target.fit === 'cover' ? [Math.min(x, y), Math.min(x, y)] : [x, y]
  const columns = weights(image.width, target.width, across)
  const rows = weights(image.height, target.height, down)
  const narrow = new Float64Array(image.height * target.width * 3)
  for (let row = 0; row < image.height; row++) {
    for (const [column, taps] of columns.entries()) {
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (const [pixel, weight] of taps) sum += weight * image.data[3 * (row * image.width + pixel) + c]!
        narrow[3 * (row * target.width + column) + c] = Math.min(255, Math.max(0, sum))
      }
    }
  }
  const result = new Float64Array(target.height * target.width * 3)
  for (const [row, taps] of rows.entries()) {
    for (let i = 0; i < 3 * target.width; i++) {
      let sum = 0
      for (const [pixel, weight] of taps) sum += weight * narrow[3 * target.width * pixel + i]!
      result[3 * target.width * row + i] = Math.min(255, Math.max(0, sum))
    }
  }
  return result
}

/** For each output its source pixels and their weights. */
function weights(source: number, outputs: number, scale: number): [pixel: number, weight: number][][] {
  const stretch = Math.max(1, scale)
  const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
  return Array.from({ length: outputs }, (_, output) => {
    const centre = (source - outputs * scale) / 2 + (output + 0.5) * scale
    const taps: [number, number][] = []
    for (let pixel = 0; pixel < source; pixel++) {
      const x = (pixel + 0.5 - centre) / stretch
      if (Math.abs(x) < 3) taps.push([pixel, sinc(x) * sinc(x / 3)])
    }
    const sum = taps.reduce((total, [, weight]) => total + weight, 0)
    return taps.map(([pixel, weight]) => [pixel, weight / sum])
  })
}
