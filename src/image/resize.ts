import { pixelMemory } from './pixel-memory.js'
import { place, type TargetSize } from './placement.js'
import { resample } from './resample.js'
import type { RgbImage } from './rgb-image.js'

/** Resamples with a Lanczos window of 3 lobes. An image that has the size already comes back as it is. */
export function resize(image: RgbImage, target: TargetSize): RgbImage {
  const { width, height } = target
  if (image.width === width && image.height === height) return image
  pixelMemory.clear()
  const resized = resample(image, place(image.width, image.height, target))
  return { width, height, data: packRgb(pixelMemory.wordsOf(resized)) }
}

/** RGBX to RGB. */
function packRgb(words: Uint32Array): Uint8Array {
  const rgb = new Uint8Array(words.length * 3)
  for (let from = 0, to = 0; from < words.length; to += 3) {
    const pixel = words[from++]!
    rgb[to] = pixel
    rgb[to + 1] = pixel >>> 8
    rgb[to + 2] = pixel >>> 16
  }
  return rgb
}
