import { gaussian, triangle } from './filters.js'
import { type PixelBlock, pixelMemory } from './pixel-memory.js'
import { place } from './placement.js'
import { resample } from './resample.js'
import type { RgbImage } from './rgb-image.js'

/** What is done to an image before a network is trained on it, in this order; its size stays. */
export interface Distortion {
  /** Scaled down to this size, pixels, and up again: detail is lost. */
  reducedTo?: { width: number; height: number }
  /** Radius of a Gaussian blur, pixels. */
  blurRadius?: number
  colour?: ColourShift
  /** Every channel becomes the luma. */
  gray?: boolean
}

/** Degrees by which hues turn, and the factor of saturation, 0 to 4. */
export interface ColourShift {
  hue: number
  saturation: number
}

/**
 * RGB to YIQ and back. Hue and saturation are turned and scaled in the plane of I and Q, a linear approximation of HSV,
 * with the figures of DALI's `hsv`.
 */
const YIQ_FROM_RGB = [
  [0.299, 0.587, 0.114],
  [0.596, -0.274, -0.321],
  [0.211, -0.523, 0.311],
]
const RGB_FROM_YIQ = [
  [1, 0.956, 0.621],
  [1, -0.272, -0.647],
  [1, -1.107, 1.705],
]

/** 1 as the kernel has it: 12 bits behind the point. */
const ONE = 1 << 12

/** In integers: the same bytes on every machine. The block itself stays as it is. */
export function distort(block: PixelBlock, distortion: Distortion | undefined): PixelBlock {
  if (distortion === undefined) return block
  const { reducedTo, blurRadius, colour, gray } = distortion
  const { width, height } = block
  const whole = place(width, height, { width, height, fit: 'fill' })
  let distorted = block
  if (reducedTo !== undefined) {
    const small = resample(distorted, place(width, height, { ...reducedTo, fit: 'fill' }), triangle)
    distorted = resample(small, place(small.width, small.height, { width, height, fit: 'fill' }), triangle)
  }
  if (blurRadius !== undefined) distorted = resample(distorted, whole, gaussian(blurRadius))
  if (colour !== undefined) distorted = shiftColour(distorted, colour)
  if (gray === true) distorted = shiftColour(distorted, { hue: 0, saturation: 0 })
  return distorted
}

/** The same for an image outside the pixel memory. */
export function distortImage(image: RgbImage, distortion: Distortion | undefined): RgbImage {
  if (distortion === undefined) return image
  pixelMemory.clear()
  return pixelMemory.toRgb(distort(pixelMemory.fromRgb(image), distortion))
}

function shiftColour(block: PixelBlock, shift: ColourShift): PixelBlock {
  const target = pixelMemory.block(block.width, block.height)
  const weights = pixelMemory.place(channelWeights(shift))
  pixelMemory.kernels.mixChannels(block.pointer, target.pointer, block.width * block.height, weights)
  return target
}

/** Weights of R, G and B in each of them, as the kernel has them. Hues turn clockwise from Q to I, as in DALI. */
function channelWeights({ hue, saturation }: ColourShift): Int16Array {
  const cosine = saturation * Math.cos((hue * Math.PI) / 180)
  const sine = saturation * Math.sin((hue * Math.PI) / 180)
  const turned = multiply(
    [
      [1, 0, 0],
      [0, cosine, sine],
      [0, -sine, cosine],
    ],
    YIQ_FROM_RGB,
  )
  const rows = multiply(RGB_FROM_YIQ, turned)
  return Int16Array.from(
    rows.flatMap((row) => [...row, 0]),
    (value) => Math.round(value * ONE),
  )
}

function multiply(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0]!.map((_, column) => row.reduce((sum, x, k) => sum + x * b[k]![column]!, 0)))
}
