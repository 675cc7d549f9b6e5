import { pixelMemory } from './pixel-memory.js'
import { place, type TargetSize } from './placement.js'
import { resample } from './resample.js'
import type { RgbImage } from './rgb-image.js'
import { withinLongestSide } from './shrink.js'

/** Resamples with a Lanczos window of 3 lobes. An image that has the size already comes back as it is. */
export function resize(image: RgbImage, target: TargetSize): RgbImage {
  const { width, height } = target
  if (image.width === width && image.height === height) return image
  const source = withinLongestSide(image)
  pixelMemory.clear()
  return pixelMemory.toRgb(resample(source, place(source.width, source.height, target)))
}
