import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeRgb, type RgbImage } from '../../src/image/index.js'
import { testData } from '../oracles/data.js'
import { TROUBLE } from './trouble-images.js'

const data = testData()

describe.skipIf(data === undefined)('image files that make trouble (needs ../shared/data)', () => {
  const folder = join(data ?? '', 'trouble')
  const decode = (name: string): Promise<RgbImage> => decodeRgb(readFileSync(join(folder, name)))

  it.each(data === undefined ? [] : readdirSync(folder))('%s', async (name) => {
    const expected = TROUBLE[name]
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
