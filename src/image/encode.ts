import turbojpeg from '@julusian/jpeg-turbo'
import { type PixelBlock, pixelMemory } from './pixel-memory.js'
import type { RgbImage } from './rgb-image.js'

/** Memory for images of this many bytes at worst is kept for the next. */
const MOST_KEPT = 4 * 1024 * 1024

let room = Buffer.alloc(0)

/**
 * Encodes to a baseline JPEG, quality 1 to 100. Chroma is halved in both directions (4:2:0), as OpenCV and im2rec do:
 * packed images then look to a network like those of the public datasets, are a sixth smaller than 4:4:4 at quality
 * 95, and decode faster at every epoch.
 */
export function encodeJpeg({ width, height, data }: RgbImage, quality: number): Uint8Array {
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return encode(pixels, turbojpeg.FORMAT_RGB, width, height, quality)
}

/** The same for an image in the pixel memory. */
export function encodeBlock(block: PixelBlock, quality: number): Uint8Array {
  return encode(pixelMemory.bytesOf(block), turbojpeg.FORMAT_RGBX, block.width, block.height, quality)
}

function encode(pixels: Buffer, format: number, width: number, height: number, quality: number): Uint8Array {
  const options = { format, width, height, quality, subsampling: turbojpeg.SAMP_420 }
  const worst = turbojpeg.bufferSize(options)
  const target = worst <= room.length ? room : Buffer.allocUnsafeSlow(worst)
  if (worst <= MOST_KEPT) room = target
  // A copy: the encoder hands out a window of the memory of the worst-case size.
  return new Uint8Array(turbojpeg.compressSync(pixels, target, options))
}
