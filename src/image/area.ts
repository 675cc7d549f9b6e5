import { crop } from './crop.js'
import { type Filter, triangle } from './filters.js'
import { pixelMemory } from './pixel-memory.js'
import { type AxisPlacement, place } from './placement.js'
import { resample } from './resample.js'
import type { RgbImage } from './rgb-image.js'

/** A square part of an image, whole pixels; what lies beyond the edge of the image is black. */
export interface Square {
  left: number
  top: number
  side: number
}

/**
 * The image at another size: where it shrinks each pixel is the mean of the area that it covers, as by OpenCV's
 * INTER_AREA; where it grows, four neighbours are interpolated.
 */
export function resizeByArea(image: RgbImage, width: number, height: number): RgbImage {
  if (image.width === width && image.height === height) return image
  pixelMemory.clear()
  const placement = place(image.width, image.height, { width, height, fit: 'fill' })
  return pixelMemory.toRgb(resample(image, placement, areaFilter(image.width / width)))
}

/** Parts of the image, each brought to `size` x `size` pixels like `resizeByArea`. @returns RGB [squares, size, size, 3] */
export function cutSquares(image: RgbImage, squares: readonly Square[], size: number): Uint8Array {
  const length = 3 * size * size
  const cut = new Uint8Array(squares.length * length)
  for (const [i, { left, top, side }] of squares.entries()) {
    const x = axisOf(left, side, image.width, size)
    const y = axisOf(top, side, image.height, size)
    if (x.outputs <= 0 || y.outputs <= 0) continue
    const part = crop(image, x.first, y.first, x.source, y.source)
    pixelMemory.clear()
    const block = resample(
      part,
      { x: { ...x, from: x.from - x.first }, y: { ...y, from: y.from - y.first } },
      areaFilter(side / size),
    )
    cut.set(pixelMemory.toRgb(block).data, i * length)
  }
  return cut
}

interface CutAxis extends AxisPlacement {
  /** First pixel of the image in the part; `source` is the part's length. */
  first: number
}

/** Outputs are those whose centre lies in the image. */
function axisOf(from: number, span: number, length: number, size: number): CutAxis {
  const scale = span / size
  const at = Math.max(0, Math.ceil(-from / scale - 0.5))
  const end = Math.min(size, Math.ceil((length - from) / scale - 0.5))
  const first = Math.max(0, from)
  return {
    source: Math.min(length, from + span) - first,
    from: from + at * scale,
    span: (end - at) * scale,
    target: size,
    at,
    outputs: end - at,
    first,
  }
}

/** How much of an output's area a pixel covers, where `scale` pixels go into one. */
function areaFilter(scale: number): Filter {
  if (scale <= 1) return triangle
  const half = 0.5 / scale
  return {
    name: `area ${scale}`,
    reach: 0.5 + half,
    weight: (x) => Math.min(2 * half, Math.max(0, 0.5 + half - Math.abs(x))),
  }
}
