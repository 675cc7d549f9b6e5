import turbojpeg from '@julusian/jpeg-turbo'
import type { ImageProbe } from './image-probe.js'
import { checkPixels, type DecodeLimits } from './limits.js'
import { type PixelBlock, pixelMemory } from './pixel-memory.js'
import type { RgbImage } from './rgb-image.js'

/** Larger images are decoded into memory of their own, which is given back. */
const MOST_BLOCK_PIXELS = 2 ** 20

/**
 * Pixels begin at an odd address: a row that begins at a multiple of 32 bytes libjpeg-turbo writes past the caches, and
 * what works on it next waits for memory. That costs a 112x112 image 10 to 70 % of its decoding.
 */
const ODD = 1

const RGB = { format: turbojpeg.FORMAT_RGB }
const RGBX = { format: turbojpeg.FORMAT_RGBX }

/**
 * Decodes the common JPEG with libjpeg-turbo, as it is stored: its orientation is not applied. Common is 8-bit, 1 or 3
 * components, Huffman coded, sound; undefined for any other file, and where the decoder complains.
 *
 * libjpeg-turbo's fast inverse DCT is off from the accurate one by up to 5 levels of 255 (46 dB on photos).
 *
 * @throws InputError above the pixel limit
 */
export function decodeJpeg(
  bytes: Uint8Array,
  probed: ImageProbe,
  limits: DecodeLimits = {},
): RgbImage | undefined {
  if (!isCommon(probed)) return undefined
  const { width, height } = probed
  checkPixels(width, height, limits)
  const memory = Buffer.allocUnsafeSlow(ODD + 3 * width * height)
  if (!decodeInto(memory.subarray(ODD), bytes, probed, RGB)) return undefined
  return { width, height, data: new Uint8Array(memory.buffer, ODD) }
}

/** The same into the pixel memory, for up to 2^20 pixels; undefined above too. */
export function decodeJpegBlock(
  bytes: Uint8Array,
  probed: ImageProbe,
  limits: DecodeLimits = {},
): PixelBlock | undefined {
  const { width, height } = probed
  if (!isCommon(probed) || width * height > MOST_BLOCK_PIXELS) return undefined
  checkPixels(width, height, limits)
  pixelMemory.clear()
  const room = pixelMemory.block(width, height)
  const block = { ...room, pointer: room.pointer + ODD }
  return decodeInto(pixelMemory.bytesOf(block), bytes, probed, RGBX) ? block : undefined
}

function isCommon({ jpeg, problem, bitDepth, components }: ImageProbe): boolean {
  const rightShape = bitDepth === 8 && (components === 1 || components === 3)
  return jpeg?.common === true && problem === undefined && rightShape
}

/** False where the decoder complains: it takes any warning for an error but does not say which. */
function decodeInto(
  target: Buffer,
  bytes: Uint8Array,
  { width, height }: ImageProbe,
  format: { format: number },
): boolean {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const decoded = turbojpeg.decompressSync(source, target, format)
    return decoded.width === width && decoded.height === height
  } catch {
    return false
  }
}
