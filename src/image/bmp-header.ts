/** The fields of a Windows bitmap that its pixels need. Source: BITMAPFILEHEADER, BITMAPINFOHEADER and successors. */
export interface BmpHeader {
  width: number
  height: number
  /** The first row stored is the top one; as a rule it is the bottom one. */
  topDown: boolean
  bitsPerPixel: number
  compression: number
  /** Where the palette begins (4 bytes a colour: blue, green, red, unused). */
  palette: number
  /** Where the first row begins. */
  pixels: number
  /** Bytes of a row, padded to 4. */
  rowBytes: number
}

/** Lengths of the header's versions: apart from BM the only sign that tells a bitmap from a text. */
const HEADER_LENGTHS = [40, 52, 56, 64, 108, 124]
const FILE_HEADER_BYTES = 14

/** Undefined where the bytes are no bitmap, or one with the 12-byte header of OS/2. */
export function readBmpHeader(bytes: Uint8Array): BmpHeader | undefined {
  if (bytes.length < FILE_HEADER_BYTES + 40) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = view.getUint32(14, true)
  if (!HEADER_LENGTHS.includes(headerLength)) return undefined
  const width = view.getInt32(18, true)
  const height = view.getInt32(22, true)
  const bitsPerPixel = view.getUint16(28, true)
  return {
    width: Math.max(0, width),
    height: Math.abs(height),
    topDown: height < 0,
    bitsPerPixel,
    compression: view.getUint32(30, true),
    palette: FILE_HEADER_BYTES + headerLength,
    pixels: view.getUint32(10, true),
    rowBytes: 4 * Math.ceil((Math.max(0, width) * bitsPerPixel) / 32),
  }
}
