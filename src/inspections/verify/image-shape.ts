import { imageFormatCode } from '../../dataset/index.js'
import { probe } from '../../image/index.js'

/** Size and format of an image, by its own header or by what a manifest says. Sides are 0 where they are not known. */
export interface ImageShape {
  width: number
  height: number
  /** See `imageFormats`. */
  format: number
}

/** A manifest holds sides in 16 bits: this stands for all above too. */
const LARGEST_SIDE = 0xffff

/** What the header of an image says, in the terms of a manifest. */
export function shapeOf(image: Uint8Array): ImageShape {
  const found = probe(image)
  if (found === undefined) return { width: 0, height: 0, format: 0 }
  return {
    width: Math.min(found.width, LARGEST_SIDE),
    height: Math.min(found.height, LARGEST_SIDE),
    format: imageFormatCode(found.format),
  }
}
