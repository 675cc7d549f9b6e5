import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import {
  convertToJpeg,
  decodeRgb,
  encodeJpeg,
  type Fit,
  probe,
  resize,
  type TargetSize,
} from '../../src/image/index.js'
import { meanDifference, picture } from './pictures.js'

const convert = (bytes: Uint8Array, target: TargetSize) => convertToJpeg(bytes, probe(bytes), target, 95)

async function stepByStep(bytes: Uint8Array, target: TargetSize): Promise<Uint8Array> {
  return encodeJpeg(resize(await decodeRgb(bytes), target), 95)
}

const targets: TargetSize[] = [
  { width: 112, height: 112, fit: 'cover' },
  { width: 60, height: 40, fit: 'fill' },
  { width: 45, height: 31, fit: 'contain' },
]

describe('convertToJpeg', () => {
  it('gives the bytes of decoding, resizing and encoding one after another', async () => {
    const files = [
      await picture(250, 180).jpeg().toBuffer(),
      await picture(250, 180).png().toBuffer(),
      await picture(112, 112).jpeg({ progressive: true }).toBuffer(),
      await picture(1400, 900).jpeg().toBuffer(),
    ]
    for (const bytes of files) {
      for (const target of targets) {
        expect(Buffer.from(await convert(bytes, target)).equals(await stepByStep(bytes, target))).toBe(true)
      }
    }
  })

  it('turns an image that has the size without another change', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const [width, height] = orientation < 5 ? [64, 48] : [48, 64]
      const bytes = await picture(width, height).jpeg().withMetadata({ orientation }).toBuffer()
      const target = { width: 64, height: 48, fit: 'cover' as Fit }
      expect(Buffer.from(await convert(bytes, target)).equals(await stepByStep(bytes, target))).toBe(true)
    }
  })

  it('turns an image of any size and orientation, large ones too, to where it belongs', async () => {
    for (const [width, height] of [
      [150, 90],
      [1300, 860],
    ] as const) {
      for (let orientation = 2; orientation <= 8; orientation++) {
        const bytes = await picture(width, height).jpeg().withMetadata({ orientation }).toBuffer()
        for (const target of targets) {
          const turned = await decodeRgb(await convert(bytes, target))
          const expected = await decodeRgb(await stepByStep(bytes, target))
          expect([turned.width, turned.height]).toEqual([target.width, target.height])
          // Where rows become columns, rounding between the two passes falls out otherwise.
          expect(meanDifference(turned.data, expected.data)).toBeLessThan(orientation < 5 ? 0.1 : 1)
        }
      }
    }
  })

  it('takes images as thin as a hair', async () => {
    for (const [width, height] of [
      [65_500, 1],
      [1, 65_500],
    ] as const) {
      const bytes = encodeJpeg({ width, height, data: new Uint8Array(3 * 65_500).fill(90) }, 95)
      const { data } = await decodeRgb(await convert(bytes, { width: 24, height: 24, fit: 'fill' }))
      expect(data.every((level) => Math.abs(level - 90) < 3)).toBe(true)
    }
  })

  it('refuses what is no image, and what is damaged', async () => {
    const text = Buffer.from('not a picture')
    await expect(convert(text, targets[0]!)).rejects.toThrow(/not an image of a known format/)
    const cut = (await picture(250, 180).jpeg().toBuffer()).subarray(0, 900)
    await expect(convert(cut, targets[0]!)).rejects.toThrow(InputError)
  })
})
