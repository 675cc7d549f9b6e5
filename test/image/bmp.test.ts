import { describe, expect, it } from 'vitest'
import { decodeRgb, probe } from '../../src/image/index.js'
import { gradient } from './pictures.js'

const [width, height] = [5, 3]
const original = gradient(width, height)
const pixel = (x: number, y: number) => [...original.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)]

/** A bitmap of the picture; `pack` gives the bytes of a row of pixels, before padding. */
function bitmap(
  bits: number,
  pack: (y: number) => number[],
  options: { topDown?: true; palette?: number[][]; compression?: number } = {},
): Buffer {
  const palette = Buffer.from((options.palette ?? []).flatMap(([r, g, b]) => [b!, g!, r!, 0]))
  const header = Buffer.alloc(54)
  header.write('BM')
  header.writeUInt32LE(54 + palette.length, 10)
  header.writeUInt32LE(40, 14)
  header.writeInt32LE(width, 18)
  header.writeInt32LE(options.topDown ? -height : height, 22)
  header.writeUInt16LE(1, 26)
  header.writeUInt16LE(bits, 28)
  header.writeUInt32LE(options.compression ?? 0, 30)
  const order = Array.from({ length: height }, (_, i) => (options.topDown ? i : height - 1 - i))
  const rows = order.map((y) => {
    const row = pack(y)
    return Buffer.from([...row, ...new Array(-row.length & 3).fill(0xee)])
  })
  return Buffer.concat([header, palette, ...rows])
}

const columns = Array.from({ length: width }, (_, x) => x)
const bgr = (y: number) => columns.flatMap((x) => pixel(x, y).reverse())

describe('BMP', () => {
  it.each<[string, Buffer]>([
    ['24 bits, bottom up', bitmap(24, bgr)],
    ['24 bits, top down', bitmap(24, bgr, { topDown: true })],
    ['32 bits', bitmap(32, (y) => columns.flatMap((x) => [...pixel(x, y).reverse(), 0]))],
    [
      '32 bits with masks',
      bitmap(32, (y) => columns.flatMap((x) => [...pixel(x, y).reverse(), 255]), { compression: 3 }),
    ],
    [
      'a palette of 8 bits',
      bitmap(8, (y) => columns.map((x) => y * width + x), {
        palette: Array.from({ length: 15 }, (_, i) => pixel(i % width, Math.floor(i / width))),
      }),
    ],
  ])('decodes %s', async (_name, bytes) => {
    expect(probe(bytes)).toMatchObject({ format: 'bmp', width, height })
    expect(await decodeRgb(bytes)).toEqual({ width, height, data: original })
  })

  it('decodes palettes of 4 bits and 1 bit', async () => {
    const palette = [
      [1, 2, 3],
      [200, 100, 50],
    ]
    const expected = [0, 1, 1, 0, 1].flatMap((index) => palette[index]!)
    const four = await decodeRgb(bitmap(4, () => [0x01, 0x10, 0x10], { palette }))
    expect([...four.data.subarray(0, 3 * width)]).toEqual(expected)
    const one = await decodeRgb(bitmap(1, () => [0b01101000], { palette }))
    expect([...one.data.subarray(0, 3 * width)]).toEqual(expected)
  })

  it('says what it does not read', async () => {
    const whole = bitmap(24, bgr)
    await expect(decodeRgb(whole.subarray(0, whole.length - 1))).rejects.toThrow(
      'the BMP is shorter than it states',
    )
    await expect(decodeRgb(bitmap(8, () => [0], { compression: 1 }))).rejects.toThrow(
      '(8 bits, compression 1)',
    )
    await expect(decodeRgb(bitmap(16, () => [0]))).rejects.toThrow('(16 bits, compression 0)')
  })
})
