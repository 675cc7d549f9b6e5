import { InputError } from '../errors/index.js'
import { decodeRgb, encodeJpeg, resize } from '../image/index.js'

/** Pixels: sharp at the size at which pages show it, on a screen of two pixels a point. */
const SIDE = 96
const QUALITY = 72

/** A small square JPEG of an image file; undefined where it cannot be decoded. */
export async function thumbnail(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const image = await decodeRgb(bytes)
    if (image.width === SIDE && image.height === SIDE) return encodeJpeg(image, QUALITY)
    return encodeJpeg(resize(image, { width: SIDE, height: SIDE, fit: 'cover' }), QUALITY)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
