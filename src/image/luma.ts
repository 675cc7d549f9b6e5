import type { RgbImage } from './rgb-image.js'

/** Brightness of pixels, row by row, from 0 to 255. */
export interface LumaImage {
  width: number
  height: number
  /** [height, width] */
  data: Float32Array
}

/** Luma with the weights of ITU-R BT.601 in 256ths: 77 red, 150 green, 29 blue. Exact: the same bits everywhere. */
export function lumaOf({ width, height, data }: RgbImage): LumaImage {
  const luma = new Float32Array(width * height)
  for (let i = 0, from = 0; i < luma.length; i++, from += 3) {
    luma[i] = (77 * data[from]! + 150 * data[from + 1]! + 29 * data[from + 2]!) / 256
  }
  return { width, height, data: luma }
}

/** Mean luma, 0 (black) to 255 (white). */
export function meanLuma({ data }: LumaImage): number {
  let sum = 0
  for (const value of data) sum += value
  return sum / data.length
}

/** Means over a grid of equal boxes, whose edges may cut through pixels. */
export function boxMeans(image: LumaImage, width: number, height: number): LumaImage {
  const rows = boxes(image.height, height)
  const columns = boxes(image.width, width)
  const narrow = new Float64Array(image.height * width)
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      narrow[y * width + x] = weighted(columns[x]!, (i) => image.data[y * image.width + i]!)
    }
  }
  const data = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[y * width + x] = weighted(rows[y]!, (i) => narrow[i * width + x]!)
    }
  }
  return { width, height, data }
}

/** Pixels of one side that a box covers, and how much of each; the weights sum to 1. */
interface Box {
  first: number
  weights: number[]
}

function boxes(from: number, to: number): Box[] {
  return Array.from({ length: to }, (_, box) => {
    const start = (box * from) / to
    const end = ((box + 1) * from) / to
    const first = Math.floor(start)
    const last = Math.min(from, Math.ceil(end))
    const weights = Array.from({ length: last - first }, (_, i) => {
      const pixel = first + i
      return (Math.min(end, pixel + 1) - Math.max(start, pixel)) / (end - start)
    })
    return { first, weights }
  })
}

function weighted({ first, weights }: Box, valueAt: (position: number) => number): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * valueAt(first + i)
  return sum
}
