const ORIENTATION = 0x0112
const SHORT = 3

/**
 * EXIF orientation, 1 to 8, from a block of TIFF tags (what follows "Exif\0\0" in a JPEG). 1, upright, where the tag
 * is missing or unreadable. Source: Exif 2.32, 4.6.4 A; TIFF 6.0, section 2.
 */
export function exifOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  if (view.byteLength < 8) return 1
  const byteOrder = view.getUint16(0)
  if (byteOrder !== 0x4949 && byteOrder !== 0x4d4d) return 1
  const little = byteOrder === 0x4949
  const directory = view.getUint32(4, little)
  if (directory + 2 > view.byteLength) return 1
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > view.byteLength) return 1
    if (view.getUint16(entry, little) !== ORIENTATION || view.getUint16(entry + 2, little) !== SHORT) continue
    const orientation = view.getUint16(entry + 8, little)
    return orientation >= 1 && orientation <= 8 ? orientation : 1
  }
  return 1
}
