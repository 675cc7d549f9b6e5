import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { decodePlanes, decodeRgb } from '../../src/image/index.js'
import { splitPixels } from '../../src/image/planes.js'
import { picture } from './pictures.js'

async function planesOf(bytes: Uint8Array, width: number, height: number, mirrored: boolean) {
  const planes = new Uint8Array(3 * width * height)
  expect(await decodePlanes(bytes, { width, height }, [{ planes, mirrored }])).toMatchObject({
    width,
    height,
  })
  return planes
}

async function expectedPlanes(bytes: Uint8Array, mirrored: boolean) {
  const { data, width, height } = await decodeRgb(bytes)
  const planes = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + (mirrored ? width - 1 - x : x))
      for (const c of [0, 1, 2]) planes[c * width * height + y * width + x] = data[from + c]!
    }
  }
  return planes
}

describe('planes', () => {
  it('are the pixels one channel after another, mirrored left to right', () => {
    const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    const planes = new Uint8Array(12)
    splitPixels(pixels, planes, 2, 2, false)
    expect([...planes]).toEqual([1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12])
    splitPixels(pixels, planes, 2, 2, true)
    expect([...planes]).toEqual([4, 1, 10, 7, 5, 2, 11, 8, 6, 3, 12, 9])
  })

  it('are those of decodeRgb, whatever the format, size and orientation', async () => {
    for (const [width, height] of [
      [112, 112],
      [48, 20],
      [50, 20],
      [7, 3],
    ] as const) {
      const files = [
        await picture(width, height).jpeg().toBuffer(),
        await picture(width, height).png().toBuffer(),
        await picture(height, width).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
        await sharp(await picture(width, height).png().toBuffer())
          .grayscale()
          .jpeg()
          .toBuffer(),
      ]
      for (const bytes of files) {
        for (const mirrored of [false, true]) {
          const planes = await planesOf(bytes, width, height, mirrored)
          expect(Buffer.from(planes).equals(await expectedPlanes(bytes, mirrored))).toBe(true)
        }
      }
    }
  })

  it('are written to each target of one decoding', async () => {
    const bytes = await picture(32, 16).jpeg().toBuffer()
    const targets = [false, true].map((mirrored) => ({ planes: new Uint8Array(3 * 32 * 16), mirrored }))
    await decodePlanes(bytes, { width: 32, height: 16 }, targets)
    for (const { planes, mirrored } of targets) {
      expect(planes).toEqual(await expectedPlanes(bytes, mirrored))
    }
  })

  it('are not written where the image has another size, which is told', async () => {
    for (const format of ['jpeg', 'png'] as const) {
      const bytes = await picture(32, 16).toFormat(format).toBuffer()
      const planes = new Uint8Array(3 * 16 * 32)
      const found = await decodePlanes(bytes, { width: 16, height: 32 }, [{ planes, mirrored: false }])
      expect([found.width, found.height]).toEqual([32, 16])
      expect(planes.every((level) => level === 0)).toBe(true)
    }
  })

  it('of a damaged image are an error', async () => {
    const bytes = (await picture(32, 16).jpeg().toBuffer()).subarray(0, 200)
    await expect(decodePlanes(bytes, { width: 32, height: 16 }, [])).rejects.toThrow(InputError)
  })
})
