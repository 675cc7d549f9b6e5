import type { ImageProbe } from './image-probe.js'

const Tag = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  photometricInterpretation: 262,
  orientation: 274,
  samplesPerPixel: 277,
} as const
/** Photometric interpretation of inks, CMYK as a rule. */
const SEPARATED = 5
const LONG = 4

/** The tags of the first page. Source: TIFF 6.0, section 2 and 4. */
export function probeTiff(bytes: Uint8Array): ImageProbe {
  const tags = readTags(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const probed: ImageProbe = {
    format: 'tiff',
    width: tags.get(Tag.width) ?? 0,
    height: tags.get(Tag.height) ?? 0,
    components: tags.get(Tag.samplesPerPixel) ?? 1,
    bitDepth: tags.get(Tag.bitsPerSample) ?? 1,
    orientation: tags.get(Tag.orientation) ?? 1,
    ...(tags.get(Tag.photometricInterpretation) === SEPARATED ? { cmyk: true } : {}),
  }
  if (probed.width === 0 || probed.height === 0) {
    return { ...probed, problem: 'the TIFF states no size: its tags are missing or past its end' }
  }
  return probed
}

/** Tags by number; of a tag with several values the first. Empty where the directory lies outside the file. */
function readTags(view: DataView): Map<number, number> {
  const tags = new Map<number, number>()
  if (view.byteLength < 8) return tags
  const little = view.getUint16(0) === 0x4949
  const directory = view.getUint32(4, little)
  if (directory + 2 > view.byteLength) return tags
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > view.byteLength) break
    const isLong = view.getUint16(entry + 2, little) === LONG
    const size = isLong ? 4 : 2
    // Values that do not fit into the entry's four bytes stand elsewhere, at the offset given there.
    const inside = view.getUint32(entry + 4, little) * size <= 4
    const value = inside ? entry + 8 : view.getUint32(entry + 8, little)
    if (value + size > view.byteLength) continue
    tags.set(
      view.getUint16(entry, little),
      isLong ? view.getUint32(value, little) : view.getUint16(value, little),
    )
  }
  return tags
}
