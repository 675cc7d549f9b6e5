import { readBmpHeader } from './bmp-header.js'
import type { RgbImage } from './rgb-image.js'

/**
 * Decodes a bitmap that `probe` finds sound: a palette of 1, 4 or 8 bits, or 24 or 32 bits a pixel. libvips' builds for
 * npm have no BMP, and older face datasets come in it.
 */
export function decodeBmp(bytes: Uint8Array): RgbImage {
  const { width, height, topDown, bitsPerPixel, palette, pixels, rowBytes } = readBmpHeader(bytes)!
  const data = new Uint8Array(width * height * 3)
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = pixels + rowBytes * (topDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++) {
      const blue =
        bitsPerPixel > 8
          ? row + x * (bitsPerPixel / 8)
          : palette + 4 * paletteIndex(bytes, row, x, bitsPerPixel)
      data[to++] = bytes[blue + 2]!
      data[to++] = bytes[blue + 1]!
      data[to++] = bytes[blue]!
    }
  }
  return { width, height, data }
}

/** The pixels of a byte begin at its high bits. */
function paletteIndex(bytes: Uint8Array, row: number, x: number, bits: number): number {
  const perByte = 8 / bits
  const byte = bytes[row + Math.floor(x / perByte)]!
  return (byte >> (8 - bits * (1 + (x % perByte)))) & (2 ** bits - 1)
}
