import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'
import { distortImage } from '../../src/image/distortion.js'
import { type Distortion, decodePlanes, decodeRgb, type RgbImage } from '../../src/image/index.js'
import { Random } from '../../src/random/random.js'
import { gradient, meanDifference } from './pictures.js'

const SIZES = [
  [112, 112],
  [50, 31],
  [7, 5],
  [1, 1],
] as const

/** Half a smooth picture, half noise: every level and every edge. */
function image(width: number, height: number): RgbImage {
  const random = new Random(5, width, height)
  const data = gradient(width, height)
  for (let i = 0; i < data.length / 2; i++) data[i] = random.integer(256)
  return { width, height, data }
}

const largestDifference = (a: Uint8Array, b: Float64Array) =>
  a.reduce((largest, level, i) => Math.max(largest, Math.abs(level - Math.min(255, Math.max(0, b[i]!)))), 0)

describe('distortion', () => {
  it('is nothing where none is asked for', () => {
    const original = image(32, 16)
    expect(distortImage(original, undefined)).toBe(original)
    expect(distortImage(original, {})).toEqual(original)
  })

  it.each([1, 2, 5])('blurs with a Gaussian of radius %i, mirrored at the edges', (blurRadius) => {
    for (const [width, height] of SIZES) {
      const original = image(width, height)
      const blurred = distortImage(original, { blurRadius })
      // Rounded once between the passes and once after them.
      expect(largestDifference(blurred.data, convolution(original, blurRadius))).toBeLessThan(1.2)
    }
  })

  it('scales down by the mean under a triangle, and up between the nearest pixels, the edge going on', () => {
    for (const [width, height, reducedTo] of [
      [112, 112, { width: 56, height: 56 }],
      [112, 112, { width: 89, height: 89 }],
      [50, 31, { width: 31, height: 17 }],
      [7, 5, { width: 1, height: 1 }],
    ] as const) {
      const original = image(width, height)
      const reduced = distortImage(original, { reducedTo })
      expect([reduced.width, reduced.height]).toEqual([width, height])
      const small = linear(original, reducedTo.width, reducedTo.height)
      expect(largestDifference(reduced.data, linear(small, width, height).data)).toBeLessThan(2.2)
    }
  })

  it('loses the more detail, the smaller the image was in between', () => {
    const original = image(112, 112)
    const loss = [89, 70, 56, 20].map((side) => {
      const { data } = distortImage(original, { reducedTo: { width: side, height: side } })
      return meanDifference(data, original.data)
    })
    expect(loss).toEqual([...loss].sort((a, b) => a - b))
    expect(loss[0]).toBeGreaterThan(1)
  })

  it.each([
    [0, 1],
    [20, 1],
    [0, 1.2],
    [13.7, 1.13],
    [-150, 0.4],
    [90, 4],
  ])('turns hues by %d degrees and scales saturation by %d in the plane of I and Q', (hue, saturation) => {
    const original = image(50, 31)
    const shifted = distortImage(original, { colour: { hue, saturation } })
    expect(largestDifference(shifted.data, yiq(original, hue, saturation))).toBeLessThan(0.6)
  })

  it('turns red towards yellow, as hues turn', () => {
    const red = { width: 1, height: 1, data: Uint8Array.of(200, 40, 40) }
    const [, green, blue] = distortImage(red, { colour: { hue: 20, saturation: 1 } }).data
    expect(green).toBeGreaterThan(blue! + 20)
  })

  it('makes every channel the luma', () => {
    const original = image(50, 31)
    const { data } = distortImage(original, { gray: true })
    const lumas = new Float64Array(data.length)
    for (let i = 0; i < data.length; i += 3) {
      const [red, green, blue] = original.data.subarray(i, i + 3)
      lumas.fill(0.299 * red! + 0.587 * green! + 0.114 * blue!, i, i + 3)
    }
    expect(largestDifference(data, lumas)).toBeLessThan(0.6)
    expect(data.every((level, i) => level === data[i - (i % 3)])).toBe(true)
  })

  it('takes its steps in order: reduced, blurred, coloured, gray', () => {
    const original = image(112, 112)
    const steps: Distortion[] = [
      { reducedTo: { width: 60, height: 60 } },
      { blurRadius: 2 },
      { colour: { hue: 20, saturation: 1.2 } },
      { gray: true },
    ]
    const together = distortImage(original, Object.assign({}, ...steps) as Distortion)
    expect(together).toEqual(steps.reduce((before, step) => distortImage(before, step), original))
  })

  it('gives the same bytes on every machine', () => {
    const all = {
      reducedTo: { width: 61, height: 61 },
      blurRadius: 2,
      colour: { hue: 13.7, saturation: 1.13 },
    }
    expect(hashToHex(xxh64(distortImage(image(112, 112), all).data))).toBe('0eee8acf38f5faf9')
  })

  it('is the same for images from the fast decoder and from others, then mirrored', async () => {
    const distortion = { reducedTo: { width: 20, height: 20 }, blurRadius: 1, gray: true }
    for (const [width, height, format] of [
      [48, 32, 'jpeg'],
      [50, 32, 'jpeg'],
      [48, 32, 'png'],
    ] as const) {
      const { data } = image(width, height)
      const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
        .toFormat(format)
        .toBuffer()
      const planes = new Uint8Array(3 * width * height)
      const plain = new Uint8Array(3 * width * height)
      await decodePlanes(bytes, { width, height }, [
        { planes, mirrored: true, distortion },
        { planes: plain, mirrored: false },
      ])
      const decoded = await decodeRgb(bytes)
      const distorted = distortImage(decoded, distortion)
      for (const [at, x, y, c] of [
        [0, 0, 0, 0],
        [2 * width * height + width + 5, 5, 1, 2],
        [3 * width * height - 1, width - 1, height - 1, 2],
      ] as const) {
        expect(planes[at]).toBe(distorted.data[3 * (y * width + (width - 1 - x)) + c])
        expect(plain[at]).toBe(decoded.data[3 * (y * width + x) + c])
      }
    }
  })
})

/** Direct two-dimensional convolution. */
function convolution({ width, height, data }: RgbImage, radius: number): Float64Array {
  const deviation = 0.3 * (radius - 1) + 0.8
  const mirror = (at: number, length: number): number => {
    if (length === 1) return 0
    if (at < 0) return mirror(-at, length)
    return at < length ? at : mirror(2 * (length - 1) - at, length)
  }
  const result = new Float64Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let total = 0
      const sums = [0, 0, 0]
      for (let dy = -radius; dy <= radius; dy++) {
        for (let dx = -radius; dx <= radius; dx++) {
          const weight = Math.exp(-(dx * dx + dy * dy) / (2 * deviation ** 2))
          const from = 3 * (mirror(y + dy, height) * width + mirror(x + dx, width))
          total += weight
          for (const c of [0, 1, 2]) sums[c]! += weight * data[from + c]!
        }
      }
      for (const c of [0, 1, 2]) result[3 * (y * width + x) + c] = sums[c]! / total
    }
  }
  return result
}

interface FloatImage {
  width: number
  height: number
  data: ArrayLike<number>
}

function linear(image: FloatImage, width: number, height: number): FloatImage & { data: Float64Array } {
  const columns = triangles(image.width, width)
  const rows = triangles(image.height, height)
  const data = new Float64Array(3 * width * height)
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) {
      for (const c of [0, 1, 2]) {
        let sum = 0
        for (const [fromY, down] of row) {
          for (const [fromX, across] of column) {
            sum += down * across * image.data[3 * (fromY * image.width + fromX) + c]!
          }
        }
        data[3 * (y * width + x) + c] = sum
      }
    }
  }
  return { width, height, data }
}

/** For each output its source pixels and their weights. */
function triangles(source: number, outputs: number): [pixel: number, weight: number][][] {
  const scale = source / outputs
  const half = Math.max(1, scale)
  return Array.from({ length: outputs }, (_, output) => {
    const centre = (output + 0.5) * scale
    const taps: [pixel: number, weight: number][] = []
    for (let pixel = -source; pixel < 2 * source; pixel++) {
      const weight = Math.max(0, 1 - Math.abs(pixel + 0.5 - centre) / half)
      if (weight > 0) taps.push([Math.min(source - 1, Math.max(0, pixel)), weight])
    }
    const total = taps.reduce((sum, [, weight]) => sum + weight, 0)
    return taps.map(([pixel, weight]) => [pixel, weight / total])
  })
}

/** By the definition: to YIQ, turned and scaled there, and back. */
function yiq({ data }: RgbImage, hue: number, saturation: number): Float64Array {
  const angle = (hue * Math.PI) / 180
  const result = new Float64Array(data.length)
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!]
    const luma = 0.299 * r + 0.587 * g + 0.114 * b
    const inPhase = 0.596 * r - 0.274 * g - 0.321 * b
    const quadrature = 0.211 * r - 0.523 * g + 0.311 * b
    const turnedI = saturation * (inPhase * Math.cos(angle) + quadrature * Math.sin(angle))
    const turnedQ = saturation * (quadrature * Math.cos(angle) - inPhase * Math.sin(angle))
    result[i] = luma + 0.956 * turnedI + 0.621 * turnedQ
    result[i + 1] = luma - 0.272 * turnedI - 0.647 * turnedQ
    result[i + 2] = luma - 1.107 * turnedI + 1.705 * turnedQ
  }
  return result
}
