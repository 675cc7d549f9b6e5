import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { decodeJpegRgbSync, decodeRgb } from '../../src/image/index.js'
import { gradient, meanDifference, picture } from './pictures.js'

const [width, height] = [60, 40]
const original = gradient(width, height)

async function expectPicture(bytes: Uint8Array, tolerance: number): Promise<void> {
  const image = await decodeRgb(bytes)
  expect([image.width, image.height]).toEqual([width, height])
  expect(meanDifference(image.data, original)).toBeLessThan(tolerance)
}

describe('decodeRgb', () => {
  it('decodes every format that it names', async () => {
    await expectPicture(await picture(width, height).jpeg({ quality: 95 }).toBuffer(), 3)
    await expectPicture(await picture(width, height).jpeg({ quality: 95, progressive: true }).toBuffer(), 3)
    await expectPicture(await picture(width, height).png().toBuffer(), 0.001)
    await expectPicture(await picture(width, height).webp({ lossless: true }).toBuffer(), 0.001)
    await expectPicture(await picture(width, height).webp({ quality: 95 }).toBuffer(), 5)
    await expectPicture(await picture(width, height).tiff({ compression: 'lzw' }).toBuffer(), 0.001)
    await expectPicture(await picture(width, height).gif({ dither: 0 }).toBuffer(), 12)
    await expectPicture(await picture(width, height).avif({ quality: 95 }).toBuffer(), 3)
  })

  it('spreads gray over three channels, from JPEG and PNG', async () => {
    for (const format of ['jpeg', 'png'] as const) {
      const bytes = await picture(width, height).toColourspace('b-w').toFormat(format).toBuffer()
      const { data } = await decodeRgb(bytes)
      expect(data.length).toBe(width * height * 3)
      for (let i = 0; i < data.length; i += 3) {
        expect(data[i + 1]).toBe(data[i])
        expect(data[i + 2]).toBe(data[i])
      }
    }
  })

  it('scales 16 bits to 8', async () => {
    const levels = new Uint16Array(4 * 3).map((_, i) => Math.floor(i / 3) * 0x5555)
    const bytes = await sharp(levels, { raw: { width: 4, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect(bytes[24]).toBe(16)
    const { data } = await decodeRgb(bytes)
    expect([...data]).toEqual([0, 0, 0, 0x55, 0x55, 0x55, 0xaa, 0xaa, 0xaa, 255, 255, 255])
  })

  it('scales 16-bit gray to 8-bit RGB', async () => {
    const levels = new Uint16Array([0, 0x4040, 0x8080, 0xffff])
    const bytes = await sharp(levels, { raw: { width: 4, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer()
    expect([bytes[24], bytes[25]]).toEqual([16, 0])
    const { data } = await decodeRgb(bytes)
    expect([...data]).toEqual([0, 0, 0, 0x40, 0x40, 0x40, 0x80, 0x80, 0x80, 255, 255, 255])
  })

  it('lays transparency over black', async () => {
    const pixels = new Uint8Array([200, 100, 50, 255, 200, 100, 50, 0, 200, 100, 50, 128])
    const bytes = await sharp(pixels, { raw: { width: 3, height: 1, channels: 4 } })
      .png()
      .toBuffer()
    const { data } = await decodeRgb(bytes)
    expect([...data.subarray(0, 6)]).toEqual([200, 100, 50, 0, 0, 0])
    expect(data[6]).toBeGreaterThan(97)
    expect(data[6]).toBeLessThan(103)
  })

  it('converts CMYK with a profile and without', async () => {
    const colours = [
      { r: 220, g: 40, b: 40 },
      { r: 50, g: 60, b: 160 },
      { r: 200, g: 160, b: 130 },
      { r: 255, g: 255, b: 255 },
    ]
    for (const background of colours) {
      const patch = sharp({ create: { width: 16, height: 16, channels: 3, background } }).toColourspace(
        'cmyk',
      )
      const plain = await patch.clone().jpeg({ quality: 100 }).toBuffer()
      const tagged = await patch.clone().withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer()
      expect((await sharp(plain).metadata()).hasProfile).toBe(false)
      expect(await sharp(tagged).metadata()).toMatchObject({ hasProfile: true, channels: 4 })
      const tiff = await patch.clone().tiff({ compression: 'lzw' }).toBuffer()
      for (const bytes of [plain, tagged, tiff]) {
        const { data } = await decodeRgb(bytes)
        // Press colours have a smaller gamut than sRGB; inverted or swapped inks would be off by far more.
        expect(meanDifference(data.subarray(0, 3), Uint8Array.from(Object.values(background)))).toBeLessThan(
          25,
        )
      }
    }
  })

  it('passes over RGB profiles: the pixels are those that a JPEG decoder gives', async () => {
    for (const format of ['png', 'webp', 'tiff'] as const) {
      const plain = picture(width, height).ensureAlpha()
      const tagged = await plain.withIccProfile('p3').toFormat(format, { lossless: true }).toBuffer()
      expect((await sharp(tagged).metadata()).hasProfile).toBe(true)
      const stored = await sharp(tagged, { ignoreIcc: true }).removeAlpha().raw().toBuffer()
      expect(meanDifference((await decodeRgb(tagged)).data, stored)).toBe(0)
    }
  })

  it('stands every EXIF orientation upright, in JPEG and WebP alike', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const jpeg = await picture(width, height).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer()
      const expected = await sharp(jpeg).autoOrient().raw().toBuffer({ resolveWithObject: true })
      const image = await decodeRgb(jpeg)
      expect([image.width, image.height]).toEqual([expected.info.width, expected.info.height])
      expect(meanDifference(image.data, expected.data)).toBeLessThan(2)
      const webp = await picture(width, height)
        .withMetadata({ orientation })
        .webp({ lossless: true })
        .toBuffer()
      const fromWebp = await decodeRgb(webp)
      expect(meanDifference(fromWebp.data, expected.data)).toBeLessThan(3)
    }
  })

  it('decodes a JPEG with junk between its segments', async () => {
    const jpeg = await picture(width, height).jpeg({ quality: 95 }).toBuffer()
    const second = 4 + jpeg.readUInt16BE(4)
    const junk = Buffer.concat([jpeg.subarray(0, second), Buffer.of(0, 1, 0xff, 0, 7), jpeg.subarray(second)])
    expect(decodeJpegRgbSync(junk)).toBeUndefined()
    expect((await decodeRgb(junk)).data).toEqual((await decodeRgb(jpeg)).data)
  })

  it.each(['jpeg', 'png', 'webp', 'tiff', 'gif', 'avif'] as const)(
    'refuses a truncated %s wherever it is cut',
    async (format) => {
      const whole = await picture(width, height).toFormat(format).toBuffer()
      // The last byte of a GIF is its trailer; the picture before it is whole.
      const longest = format === 'gif' ? whole.length - 2 : whole.length - 1
      for (const part of [0, 0.1, 0.3, 0.6, 0.9, 1]) {
        const cut = Math.round(part * longest)
        await expect(decodeRgb(whole.subarray(0, cut)), `${format} cut to ${cut}`).rejects.toThrow(InputError)
      }
    },
  )

  it('refuses a JPEG whose coded data is damaged', async () => {
    const jpeg = Buffer.from(await picture(300, 300).jpeg({ quality: 95 }).toBuffer())
    jpeg.fill(0x55, jpeg.length - 3000, jpeg.length - 1500)
    await expect(decodeRgb(jpeg)).rejects.toThrow(/cannot be decoded: .*(corrupt|Corrupt|premature)/)
  })

  it('says what a file is that is no image', async () => {
    await expect(decodeRgb(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).rejects.toThrow(
      /not an image of a known format: .*found first bytes 3c737667/,
    )
    await expect(decodeRgb(new Uint8Array(0))).rejects.toThrow('the file is empty')
  })

  it('refuses by the header what has too many pixels', async () => {
    const png = await picture(width, height).png().toBuffer()
    const limits = { maximumPixels: width * height }
    expect((await decodeRgb(png, limits)).width).toBe(width)
    await expect(decodeRgb(png, { maximumPixels: width * height - 1 })).rejects.toThrow(
      'the image is too large to decode: expected at most 2399 pixels, found 60 x 40',
    )
    const avif = await picture(width, height).avif().toBuffer()
    await expect(decodeRgb(avif, { maximumPixels: 100 })).rejects.toThrow(/pixel limit/)
  })
})

describe('decodeJpegRgbSync', () => {
  it('gives what decodeRgb gives, turned upright', async () => {
    const jpeg = await picture(width, height).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(decodeJpegRgbSync(jpeg)).toEqual(await decodeRgb(jpeg))
  })

  it('leaves everything but a sound, common JPEG to decodeRgb', async () => {
    const jpeg = await picture(width, height).jpeg().toBuffer()
    const cmyk = await picture(width, height).toColourspace('cmyk').jpeg().toBuffer()
    const png = await picture(width, height).png().toBuffer()
    for (const bytes of [cmyk, png, jpeg.subarray(0, jpeg.length - 2), Buffer.from('text')]) {
      expect(decodeJpegRgbSync(bytes)).toBeUndefined()
    }
  })
})
