import { boxMeans, type LumaImage } from './luma.js'

/** Longest side at which sharpness is measured: a larger image has more pixels for the same edge. */
const MEASURED_SIDE = 112

/**
 * Variance of the Laplacian of the luma (the pixel times 4 less its 4 neighbours), inside the border: low where nothing
 * is sharp. A larger image is scaled to 112 pixels first; one below 3 x 3 has 0. Source: J. L. Pech-Pacheco et al.,
 * "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000.
 */
export function sharpness(image: LumaImage): number {
  const { width, height, data } = withinMeasuredSide(image)
  let sum = 0
  let squares = 0
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      const value = 4 * data[i]! - data[i - 1]! - data[i + 1]! - data[i - width]! - data[i + width]!
      sum += value
      squares += value * value
    }
  }
  const count = (width - 2) * (height - 2)
  return width < 3 || height < 3 ? 0 : squares / count - (sum / count) ** 2
}

function withinMeasuredSide(image: LumaImage): LumaImage {
  const scale = MEASURED_SIDE / Math.max(image.width, image.height)
  if (scale >= 1) return image
  const scaled = (side: number) => Math.max(1, Math.round(side * scale))
  return boxMeans(image, scaled(image.width), scaled(image.height))
}
