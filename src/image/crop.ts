import type { RgbImage } from './rgb-image.js'

/** A copy of a part that lies within the image. */
export function crop(image: RgbImage, left: number, top: number, width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height)
  for (let row = 0; row < height; row++) {
    const start = 3 * ((top + row) * image.width + left)
    data.set(image.data.subarray(start, start + 3 * width), 3 * row * width)
  }
  return { width, height, data }
}
