import sharp, { type Sharp } from 'sharp'

/** A smooth picture without any symmetry, so that a turned or mirrored copy is far from it. RGB, HWC. */
export function gradient(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x)
      data[at] = Math.round((255 * x) / width)
      data[at + 1] = Math.round((255 * y) / height)
      data[at + 2] = x > width / 3 && y < height / 4 ? 220 : 60
    }
  }
  return data
}

/** The same picture as a sharp pipeline, to be written in any format. */
export function picture(width: number, height: number): Sharp {
  return sharp(gradient(width, height), { raw: { width, height, channels: 3 } })
}

/** Mean absolute difference of two images' bytes, in levels of 255. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum / a.length
}
