import { probeBmp } from './probe-bmp.js'
import { probeGif } from './probe-gif.js'
import { probeHeif } from './probe-heif.js'
import { probeJpeg } from './probe-jpeg.js'
import { probePng } from './probe-png.js'
import { probeTiff } from './probe-tiff.js'
import { probeWebp } from './probe-webp.js'

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'heif' | 'bmp'

/** What an image file says of itself, read from its structure without decoding a pixel. */
export interface ImageProbe {
  format: ImageFormat
  /** As stored, before EXIF rotation. 0 where it is not known: HEIF, and headers that cannot be read. */
  width: number
  height: number
  /** Colour channels and alpha: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha or CMYK. A palette counts as RGB. */
  components: number
  /** Bits per component. */
  bitDepth: number
  /** EXIF orientation, 1 to 8; 1 is upright. Read for JPEG and TIFF only. */
  orientation: number
  /** Its components are inks: JPEG and TIFF only. */
  cmyk?: true
  /** JPEG only. `common`: Huffman-coded baseline, extended or progressive, which every decoder reads. */
  jpeg?: { common: boolean; junk: boolean }
  /** Why it cannot be a whole image: truncated, or a header that makes no sense. */
  problem?: string
}

/**
 * Recognises an image by its first bytes, whatever its file name, and reads its header. A JPEG is followed to its end
 * marker, a PNG to its last chunk; the other formats are only compared with the length that they state. Undefined:
 * not an image of a format known here.
 */
export function probe(bytes: Uint8Array): ImageProbe | undefined {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return probeJpeg(bytes)
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return probePng(bytes)
  if (startsWith(bytes, 0x52, 0x49, 0x46, 0x46) && startsWith(bytes.subarray(8), 0x57, 0x45, 0x42, 0x50)) {
    return probeWebp(bytes)
  }
  if (startsWith(bytes, 0x47, 0x49, 0x46, 0x38)) return probeGif(bytes)
  if (startsWith(bytes, 0x49, 0x49, 0x2a, 0) || startsWith(bytes, 0x4d, 0x4d, 0, 0x2a))
    return probeTiff(bytes)
  if (startsWith(bytes.subarray(4), 0x66, 0x74, 0x79, 0x70)) return probeHeif(bytes)
  if (startsWith(bytes, 0x42, 0x4d)) return probeBmp(bytes)
  return undefined
}

function startsWith(bytes: Uint8Array, ...magic: number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte)
}
