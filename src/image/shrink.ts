import type { RgbImage } from './rgb-image.js'

/** The longest side of a JPEG. */
const LONGEST_SIDE = 65_535

/**
 * The image with no side longer than 65,535 pixels: blocks of pixels are averaged where it has one. Resampling takes
 * memory by the longest side, and an image of a single row may have millions of columns.
 */
export function withinLongestSide(image: RgbImage): RgbImage {
  const across = Math.ceil(image.width / LONGEST_SIDE)
  const down = Math.ceil(image.height / LONGEST_SIDE)
  if (across === 1 && down === 1) return image
  return shrink(image, across, down)
}

/** Averages blocks of `across` x `down` pixels; those at the right and lower edge may be smaller. */
export function shrink(image: RgbImage, across: number, down: number): RgbImage {
  const width = Math.ceil(image.width / across)
  const height = Math.ceil(image.height / down)
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    const rows = Math.min(down, image.height - y * down)
    for (let x = 0; x < width; x++) {
      const columns = Math.min(across, image.width - x * across)
      const first = 3 * (y * down * image.width + x * across)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            sum += image.data[first + 3 * (row * image.width + column) + channel]!
          }
        }
        data[3 * (y * width + x) + channel] = Math.round(sum / (rows * columns))
      }
    }
  }
  return { width, height, data }
}
