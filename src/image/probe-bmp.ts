import { readBmpHeader } from './bmp-header.js'
import type { ImageProbe } from './image-probe.js'

const UNCOMPRESSED = 0
/** 32-bit pixels whose masks are given: those of every writer say blue, green, red, alpha. */
const BIT_FIELDS = 3
const PALETTE_BITS = [1, 4, 8]

export function probeBmp(bytes: Uint8Array): ImageProbe | undefined {
  const header = readBmpHeader(bytes)
  if (header === undefined) return undefined
  const { width, height, bitsPerPixel, compression, pixels, rowBytes } = header
  const probed: ImageProbe = { format: 'bmp', width, height, components: 3, bitDepth: 8, orientation: 1 }
  if (width === 0 || height === 0) return { ...probed, problem: 'the BMP states no size' }
  const plain = compression === UNCOMPRESSED && [...PALETTE_BITS, 24, 32].includes(bitsPerPixel)
  if (!plain && !(compression === BIT_FIELDS && bitsPerPixel === 32)) {
    return {
      ...probed,
      problem: `the BMP is of a kind that is not read (${bitsPerPixel} bits, compression ${compression})`,
    }
  }
  if (pixels + rowBytes * height > bytes.length) {
    return { ...probed, problem: 'the BMP is shorter than it states: it is truncated' }
  }
  return probed
}
