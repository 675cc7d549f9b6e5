import { describe, expect, it } from 'vitest'
import { decodeRgb, encodeJpeg, probe } from '../../src/image/index.js'
import { gradient, meanDifference } from './pictures.js'

const image = { width: 60, height: 40, data: gradient(60, 40) }

describe('encodeJpeg', () => {
  it('writes a whole baseline JPEG that decodes to the picture', async () => {
    const jpeg = encodeJpeg(image, 95)
    expect(probe(jpeg)).toEqual({
      format: 'jpeg',
      width: 60,
      height: 40,
      components: 3,
      bitDepth: 8,
      orientation: 1,
      jpeg: { common: true, junk: false },
    })
    expect(meanDifference((await decodeRgb(jpeg)).data, image.data)).toBeLessThan(3)
  })

  it('obeys the quality', () => {
    expect(encodeJpeg(image, 100).length).toBeGreaterThan(encodeJpeg(image, 50).length)
  })

  it('gives the same bytes each time', () => {
    expect(encodeJpeg(image, 95)).toEqual(encodeJpeg(image, 95))
  })
})
