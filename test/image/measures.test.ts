import { describe, expect, it } from 'vitest'
import {
  DIFFERENCE_HASH_WORDS,
  decodeRgb,
  differenceHash,
  differentBits,
  encodeJpeg,
  lumaOf,
  meanLuma,
  type RgbImage,
  resize,
  sharpness,
} from '../../src/image/index.js'
import { renderFace } from '../../src/synthesis/index.js'

function hashOf(image: RgbImage): Uint32Array {
  const words = new Uint32Array(DIFFERENCE_HASH_WORDS)
  differenceHash(lumaOf(image), words)
  return words
}

/** Bits of 256 that differ. */
function distance(a: RgbImage, b: RgbImage): number {
  return differentBits(Uint32Array.from([...hashOf(a), ...hashOf(b)]), 0, 1)
}

function plain(value: number, width = 8, height = 8): RgbImage {
  return { width, height, data: new Uint8Array(3 * width * height).fill(value) }
}

/** Columns that brighten from left to right. */
function ramp(width: number, height: number): RgbImage {
  const image = plain(0, width, height)
  for (const i of image.data.keys()) image.data[i] = (255 * (Math.floor(i / 3) % width)) / width
  return image
}

function darker(image: RgbImage): RgbImage {
  return { ...image, data: image.data.map((value) => value / 2) }
}

describe('luma', () => {
  it('weighs the channels as ITU-R BT.601 does', () => {
    const luma = lumaOf({
      width: 4,
      height: 1,
      data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9),
    })
    expect([...luma.data].map((value) => Math.round(value))).toEqual([77, 149, 29, 9])
    expect(meanLuma(lumaOf(plain(200)))).toBe(200)
  })
})

describe('the difference hash', () => {
  it('has a bit for each cell that is brighter than the one to its left', () => {
    expect([...hashOf(ramp(112, 112))]).toEqual(new Array(DIFFERENCE_HASH_WORDS).fill(0xffffffff))
    expect([...hashOf(plain(90))]).toEqual(new Array(DIFFERENCE_HASH_WORDS).fill(0))
  })

  it('hardly changes with size, compression and brightness, and does with the photo', async () => {
    const face = renderFace(1, 0, 0)
    const small = resize(face, { width: 64, height: 64, fit: 'fill' })
    const poor = await decodeRgb(encodeJpeg(face, 40))
    for (const same of [small, poor, darker(face)]) expect(distance(face, same)).toBeLessThan(16)
    expect(distance(face, renderFace(1, 0, 1))).toBeGreaterThan(32)
    expect(distance(face, renderFace(1, 1, 0))).toBeGreaterThan(32)
  })

  it('of images smaller than its grid is still one of the picture', () => {
    expect(distance(ramp(112, 112), ramp(20, 5))).toBe(0)
    expect(distance(plain(7, 3, 2), plain(9, 3, 2))).toBe(0)
  })
})

describe('sharpness', () => {
  it('is the variance of the Laplacian', () => {
    expect(sharpness(lumaOf(plain(50)))).toBe(0)
    const dot = plain(0, 5, 5)
    dot.data.fill(80, 3 * 12, 3 * 13)
    // 9 pixels inside the border: 320 once, -80 four times.
    expect(sharpness(lumaOf(dot))).toBeCloseTo((320 ** 2 + 4 * 80 ** 2) / 9, 6)
    expect(sharpness(lumaOf(plain(50, 2, 9)))).toBe(0)
  })

  it('of a larger copy of a photo is about the same', () => {
    const face = renderFace(1, 0, 0)
    const large = resize(face, { width: 448, height: 448, fit: 'fill' })
    const [small, scaled] = [sharpness(lumaOf(face)), sharpness(lumaOf(large))]
    expect(scaled / small).toBeGreaterThan(0.3)
    expect(scaled / small).toBeLessThan(1.5)
  })
})
