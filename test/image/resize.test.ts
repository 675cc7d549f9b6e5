import { describe, expect, it } from 'vitest'
import { resize } from '../../src/image/index.js'
import { gradient, meanDifference } from './pictures.js'

const stripes = (width: number, height: number, colour: (x: number, y: number) => number[]) => {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) data.set(colour(i % width, Math.floor(i / width)), 3 * i)
  return { width, height, data }
}

describe('resize', () => {
  it('gives back an image that has the size already', async () => {
    const image = { width: 12, height: 12, data: gradient(12, 12) }
    expect(await resize(image, { width: 12, height: 12, fit: 'cover' })).toBe(image)
  })

  it('keeps the picture', async () => {
    const image = { width: 240, height: 160, data: gradient(240, 160) }
    const { width, height, data } = await resize(image, { width: 60, height: 40, fit: 'cover' })
    expect([width, height]).toEqual([60, 40])
    expect(meanDifference(data, gradient(60, 40))).toBeLessThan(3)
  })

  // A wide image: a red, a green and a blue third.
  const thirds = stripes(90, 30, (x) => (x < 30 ? [255, 0, 0] : x < 60 ? [0, 255, 0] : [0, 0, 255]))
  const centreOfRow = (data: Uint8Array, size: number, x: number) => [
    ...data.subarray(3 * (size * Math.floor(size / 2) + x), 3 * (size * Math.floor(size / 2) + x) + 3),
  ]

  it('cover cuts off evenly at both sides', async () => {
    const { data } = await resize(thirds, { width: 30, height: 30, fit: 'cover' })
    for (const x of [2, 15, 27]) expect(centreOfRow(data, 30, x)).toEqual([0, 255, 0])
  })

  it('contain shows all of it, with black beside', async () => {
    const { data } = await resize(thirds, { width: 30, height: 30, fit: 'contain' })
    expect([...data.subarray(0, 3)]).toEqual([0, 0, 0])
    expect(centreOfRow(data, 30, 5)).toEqual([255, 0, 0])
    expect(centreOfRow(data, 30, 24)).toEqual([0, 0, 255])
  })

  it('fill stretches', async () => {
    const { data } = await resize(thirds, { width: 30, height: 30, fit: 'fill' })
    expect(centreOfRow(data, 30, 4)).toEqual([255, 0, 0])
    expect([...data.subarray(3 * 15, 3 * 15 + 3)]).toEqual([0, 255, 0])
  })

  it('filters before it shrinks: fine stripes become gray, not a moiré', async () => {
    const fine = stripes(400, 400, (x) => (x % 2 === 0 ? [255, 255, 255] : [0, 0, 0]))
    const { data } = await resize(fine, { width: 37, height: 37, fit: 'fill' })
    for (const level of data) expect(Math.abs(level - 128)).toBeLessThan(12)
  })
})
