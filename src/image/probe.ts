import type { ImageProbe } from './image-probe.js'
import { probeBmp } from './probe-bmp.js'
import { probeGif } from './probe-gif.js'
import { probeHeif } from './probe-heif.js'
import { probeJpeg } from './probe-jpeg.js'
import { probePng } from './probe-png.js'
import { probeTiff } from './probe-tiff.js'
import { probeWebp } from './probe-webp.js'

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
