import { InputError } from '../errors/index.js'
import { decodeBmp } from './bmp-decode.js'
import type { ImageProbe } from './image-probe.js'
import { decodeJpeg } from './jpeg-decode.js'
import { walkJpeg, withoutJunk } from './jpeg-markers.js'
import { checkPixels, type DecodeLimits } from './limits.js'
import { turnImage, turnOf } from './orientation.js'
import { probe } from './probe.js'
import type { RgbImage } from './rgb-image.js'
import { decodeWithSharp } from './sharp-decode.js'

/**
 * Decodes an image file to upright 8-bit RGB. EXIF rotation is applied; gray is spread over the three channels; 16 bits
 * are scaled to 8; transparency is laid over black; CMYK goes through its embedded profile, else a standard press
 * profile. RGB profiles are passed over, as OpenCV and MXNet do, so that a file gives the same pixels whether it is
 * converted here or stored as it is. Of an animation or a document the first frame or page counts.
 *
 * Strict: a file that is truncated or corrupt in any way that a decoder notices is an error, never half an image. Only
 * junk between the header segments of a JPEG is forgiven, since it takes nothing from the picture.
 *
 * @throws InputError with the reason, without the file's name, which is the caller's to add
 */
export async function decodeRgb(bytes: Uint8Array, limits: DecodeLimits = {}): Promise<RgbImage> {
  const probed = probe(bytes)
  if (probed === undefined) throw notAnImage(bytes)
  if (probed.problem !== undefined) throw new InputError({ problem: probed.problem })
  checkPixels(probed.width, probed.height, limits)
  if (probed.format === 'bmp') return decodeBmp(bytes)
  const whole = probed.jpeg?.junk ? withoutJunk(bytes, walkJpeg(bytes)) : bytes
  return decodeUpright(whole, probed, limits) ?? (await decodeWithSharp(whole, probed, limits))
}

/**
 * The same for the common JPEG (8-bit, 1 or 3 components, Huffman coded, sound), at once: where many are decoded.
 * Undefined where the file is anything else or its decoder complains; `decodeRgb` then decodes it or says why not.
 * @throws InputError above the pixel limit
 */
export function decodeJpegRgbSync(bytes: Uint8Array, limits: DecodeLimits = {}): RgbImage | undefined {
  const probed = probe(bytes)
  return probed === undefined ? undefined : decodeUpright(bytes, probed, limits)
}

function decodeUpright(bytes: Uint8Array, probed: ImageProbe, limits: DecodeLimits): RgbImage | undefined {
  const turn = turnOf(probed.orientation)
  const stored = decodeJpeg(bytes, probed, limits)
  return stored === undefined || turn === undefined ? stored : turnImage(stored, turn)
}

/** Why bytes that `probe` does not know are refused. */
export function notAnImage(bytes: Uint8Array): InputError {
  if (bytes.length === 0) return new InputError({ problem: 'the file is empty' })
  return new InputError({
    problem: 'not an image of a known format',
    expected: 'JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF',
    actual: `first bytes ${Buffer.from(bytes.subarray(0, 8)).toString('hex')}`,
  })
}
