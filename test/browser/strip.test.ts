import { describe, expect, it } from 'vitest'
import { stripOf } from '../../src/browser/people/strip.js'
import { InputError } from '../../src/errors/index.js'
import { crop, decodeRgb, encodeJpeg, type RgbImage, resize } from '../../src/image/index.js'
import { meanDifference } from '../image/pictures.js'
import { faceJpeg } from './face-dataset.js'

async function* each<T>(values: T[]) {
  yield* values
}

const unreadable = new InputError({ problem: 'no record begins here' })

async function stripped(photos: (Uint8Array | InputError | undefined)[], side: number) {
  const { type, bytes } = await stripOf(each(photos), side)
  expect(type).toBe('image/jpeg')
  const image = await decodeRgb(bytes)
  const { height } = image
  expect(image.width).toBe(photos.length * height)
  return { side: height, cell: (at: number): RgbImage => crop(image, at * height, 0, height, height) }
}

describe('photos side by side', async () => {
  const face = await decodeRgb(faceJpeg(0, 1))
  const grey = (side: number) => new Uint8Array(3 * side * side).fill(128)

  it('are cut to squares from their middle, and those that cannot be decoded are crossed out', async () => {
    const wide = resize(face, { width: 600, height: 300, fit: 'fill' })
    const photos = [
      encodeJpeg(wide, 90),
      undefined,
      unreadable,
      faceJpeg(0, 1),
      Buffer.from('this is no image'),
    ]
    const { side, cell } = await stripped(photos, 160)
    expect(side).toBe(160)
    const square = { width: 160, height: 160, fit: 'cover' } as const
    expect(meanDifference(cell(0).data, resize(wide, square).data)).toBeLessThan(4)
    expect(meanDifference(cell(1).data, grey(160))).toBeLessThan(1)
    expect(meanDifference(cell(3).data, resize(face, square).data)).toBeLessThan(4)
    for (const crossed of [cell(2), cell(4)]) {
      expect(meanDifference(crossed.data, grey(160))).toBeGreaterThan(1)
      expect(meanDifference(crossed.data, cell(2).data)).toBeLessThan(1)
      expect([0, 80, 159].map((at) => crossed.data[3 * (at * 160 + at)]! < 120)).toEqual([true, true, true])
    }
  })

  it.each([
    [112, 256, 112],
    [250, 256, 240],
    [250, 160, 160],
    [10, 160, 16],
  ])('of %d pixels, wanted at %d, are %d', async (own, wanted, expected) => {
    const photo = encodeJpeg(resize(face, { width: own, height: own, fit: 'fill' }), 90)
    const { side, cell } = await stripped([photo, photo, photo], wanted)
    expect(side).toBe(expected)
    const shown = resize(face, { width: side, height: side, fit: 'fill' })
    for (const at of [0, 1, 2])
      expect(meanDifference(cell(at).data, shown.data)).toBeLessThan(own < 50 ? 30 : 5)
  })

  it('are grey where there are none', async () => {
    const { side, cell } = await stripped([undefined, undefined], 256)
    expect(side).toBe(16)
    expect(meanDifference(cell(1).data, grey(16))).toBeLessThan(1)
  })

  it('do not hide an error that is none of the photos’', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield faceJpeg(0, 1)
      throw new RangeError('out of order')
    }
    await expect(stripOf(failing(), 112)).rejects.toThrow('out of order')
  })
})
