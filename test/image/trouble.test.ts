import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeRgb, type RgbImage } from '../../src/image/index.js'
import { testData } from '../oracles/data.js'

/** Size of what decodes, reason of what does not. */
const EXPECTED: Record<string, [number, number] | RegExp> = {
  '16-bit-grey-alpha.png': [109, 96],
  '2x2_fdcce6.png': [2, 2],
  '5_webp_a.webp': [300, 300],
  '65536-uint32-limit.png': /too large to decode: .*found 65536 x 65536/,
  'Channel_digital_image_CMYK_color.jpg': [500, 333],
  'Channel_digital_image_CMYK_color_no_profile.jpg': [500, 333],
  'Landscape_3.jpg': [600, 450],
  'Landscape_6.jpg': [600, 450],
  'Landscape_8.jpg': [600, 450],
  'Portrait_5.jpg': [450, 600],
  'corrupt-header.jpg': /no end marker/,
  'gamma_dalai_lama_gray.jpg': [258, 222],
  'giant-image.jpg': /too large to decode: .*found 20000 x 14000/,
  'grey-8bit-alpha.png': [400, 300],
  'hopper_gray.jpg': [128, 128],
  'hopper_orientation_6.jpg': [128, 128],
  'jpeg_ff00_header.jpg': [300, 225],
  'junk_jpeg_header.jpg': [1024, 768],
  'pil_sample_cmyk.jpg': [100, 100],
  'testimgl.jpg': [227, 149],
  'truncated.jpg': /no end marker/,
  'truncated.png': /no end chunk/,
  'truncated_jpeg.jpg': /no end marker/,
  'with-alpha.png': [256, 192],
}

const data = testData()

describe.skipIf(data === undefined)('image files that make trouble (needs ../shared/data)', () => {
  const folder = join(data ?? '', 'trouble')
  const decode = (name: string): Promise<RgbImage> => decodeRgb(readFileSync(join(folder, name)))

  it.each(data === undefined ? [] : readdirSync(folder))('%s', async (name) => {
    const expected = EXPECTED[name]
    if (expected instanceof RegExp) {
      await expect(decode(name)).rejects.toThrow(expected)
    } else {
      const { width, height, data: pixels } = await decode(name)
      expect([width, height]).toEqual(expected)
      expect(pixels.length).toBe(width * height * 3)
    }
  })

  it('gives the colours that are known', async () => {
    expect([...(await decode('2x2_fdcce6.png')).data.subarray(0, 3)]).toEqual([0xfd, 0xcc, 0x6e])
    // Red in the first corner, black in the last: inverted inks would give cyan and white.
    const { data: pixels } = await decode('pil_sample_cmyk.jpg')
    const [red, green, blue] = pixels
    expect(red).toBeGreaterThan(180)
    expect(Math.max(green!, blue!)).toBeLessThan(80)
    for (const level of pixels.subarray(-3)) expect(level).toBeLessThan(60)
  })
})
