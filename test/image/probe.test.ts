import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { type ImageProbe, probe } from '../../src/image/index.js'
import { picture } from './pictures.js'

describe('probe', () => {
  it.each<[string, () => Promise<Buffer>, Partial<ImageProbe>]>([
    ['JPEG', () => picture(60, 40).jpeg().toBuffer(), { format: 'jpeg', components: 3, bitDepth: 8 }],
    [
      'gray JPEG',
      () => picture(60, 40).toColourspace('b-w').jpeg().toBuffer(),
      { format: 'jpeg', components: 1 },
    ],
    [
      'progressive JPEG',
      () => picture(60, 40).jpeg({ progressive: true }).toBuffer(),
      { jpeg: { common: true, junk: false } },
    ],
    [
      'CMYK JPEG',
      () => picture(60, 40).toColourspace('cmyk').jpeg().toBuffer(),
      { format: 'jpeg', components: 4, cmyk: true },
    ],
    ['PNG', () => picture(60, 40).png().toBuffer(), { format: 'png', components: 3, bitDepth: 8 }],
    ['PNG with alpha', () => picture(60, 40).ensureAlpha().png().toBuffer(), { components: 4 }],
    ['palette PNG', () => picture(60, 40).png({ palette: true }).toBuffer(), { components: 3 }],
    ['16-bit PNG', () => picture(60, 40).toColourspace('rgb16').png().toBuffer(), { bitDepth: 16 }],
    ['lossy WebP', () => picture(60, 40).webp().toBuffer(), { format: 'webp', components: 3 }],
    [
      'lossless WebP with alpha',
      () => picture(60, 40).ensureAlpha(0.5).webp({ lossless: true }).toBuffer(),
      { components: 4 },
    ],
    [
      'extended WebP',
      () => picture(60, 40).withMetadata({ orientation: 6 }).webp().toBuffer(),
      { format: 'webp' },
    ],
    ['GIF', () => picture(60, 40).gif().toBuffer(), { format: 'gif' }],
    [
      'TIFF',
      () => picture(60, 40).tiff({ compression: 'none' }).toBuffer(),
      { format: 'tiff', components: 3, bitDepth: 8 },
    ],
    [
      'CMYK TIFF',
      () => picture(60, 40).toColourspace('cmyk').tiff().toBuffer(),
      { format: 'tiff', components: 4, cmyk: true },
    ],
  ])('reads the header of %s', async (_name, make, expected) => {
    expect(probe(await make())).toMatchObject({ width: 60, height: 40, orientation: 1, ...expected })
  })

  it('reads EXIF orientation from JPEG, in both byte orders', async () => {
    const jpeg = await picture(60, 40).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(probe(jpeg)?.orientation).toBe(6)
    const tags = Buffer.from('4d4d002a00000008000101120003000000010008000000000000', 'hex')
    const exif = Buffer.concat([Buffer.from('ffe10022457869660000', 'hex'), tags])
    const plain = await picture(60, 40).jpeg().toBuffer()
    expect(probe(Buffer.concat([plain.subarray(0, 2), exif, plain.subarray(2)]))?.orientation).toBe(8)
  })

  it('is not taken in by the end marker of a thumbnail', async () => {
    const thumbnail = await picture(16, 16).jpeg().toBuffer()
    const segment = Buffer.concat([Buffer.from([0xff, 0xe2, 0, 0]), thumbnail])
    segment.writeUInt16BE(thumbnail.length + 2, 2)
    const jpeg = await picture(60, 40).jpeg().toBuffer()
    const withThumbnail = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
    expect(probe(withThumbnail)).toMatchObject({ width: 60, height: 40 })
    expect(probe(withThumbnail)?.problem).toBeUndefined()
    const cut = withThumbnail.subarray(0, withThumbnail.length - 5)
    expect(probe(cut)?.problem).toBe('the JPEG has no end marker: it is truncated or corrupt')
  })

  it('takes what follows the end marker for no fault', async () => {
    const jpeg = await picture(60, 40).jpeg().toBuffer()
    expect(probe(Buffer.concat([jpeg, Buffer.alloc(100)]))?.problem).toBeUndefined()
  })

  it('names the fault of every truncated JPEG, PNG and WebP', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const whole = await picture(60, 40).toFormat(format).toBuffer()
      expect(probe(whole)?.problem).toBeUndefined()
      for (let length = 12; length < whole.length; length++) {
        expect(probe(whole.subarray(0, length))?.problem, `${format} cut to ${length}`).toContain('the ')
      }
    }
  })

  it('knows no other files', () => {
    for (const text of [
      '',
      'a',
      'BM',
      'BMW is a car maker, not a bitmap image',
      '<svg/>',
      'RIFF....WAVEfmt ',
    ]) {
      expect(probe(Buffer.from(text))).toBeUndefined()
    }
  })

  it('survives any bytes after any magic', async () => {
    const starts = await Promise.all(
      (['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const).map((format) =>
        sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
          .toFormat(format)
          .toBuffer(),
      ),
    )
    const bytes = fc
      .tuple(fc.constantFrom(...starts), fc.nat(40), fc.uint8Array({ maxLength: 60 }))
      .map(([start, keep, rest]) => Buffer.concat([start.subarray(0, keep), rest]))
    fc.assert(
      fc.property(bytes, (file) => {
        const probed = probe(file)
        if (probed === undefined) return
        expect(probed.orientation).toBeGreaterThanOrEqual(0)
        expect(Number.isInteger(probed.width) && Number.isInteger(probed.height)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
