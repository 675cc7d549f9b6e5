import type { ImageProbe } from './probe.js'

/** Lengths of the header's versions: the length is all that tells a bitmap from a text that begins with BM. */
const HEADER_LENGTHS = [40, 52, 56, 64, 108, 124]

/** Source: Windows BITMAPINFOHEADER and its successors; the 12-byte OS/2 header is not read. */
export function probeBmp(bytes: Uint8Array): ImageProbe | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 30 || !HEADER_LENGTHS.includes(view.getUint32(14, true))) return undefined
  const bitsPerPixel = view.getUint16(28, true)
  return {
    format: 'bmp',
    width: view.getInt32(18, true),
    // A negative height says that the first row is the top one.
    height: Math.abs(view.getInt32(22, true)),
    components: bitsPerPixel === 32 ? 4 : 3,
    bitDepth: 8,
    orientation: 1,
  }
}
