import { exifOrientation } from './exif.js'
import type { ImageProbe } from './image-probe.js'
import { isStartOfFrame, type JpegSegment, Marker, walkJpeg } from './jpeg-markers.js'

/** SOF0, SOF1 and SOF2. After them come lossless, hierarchical and arithmetic coding. */
const LAST_COMMON_FRAME = 0xc2
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0]

/** Reads the markers of a JPEG, from the first to its end marker; the pixels stay coded. */
export function probeJpeg(bytes: Uint8Array): ImageProbe {
  const walk = walkJpeg(bytes)
  const frame = walk.segments.find(({ marker, start, end }) => isStartOfFrame(marker) && end - start >= 10)
  const exif = walk.segments.find((segment) => isExif(bytes, segment))
  const field = (offset: number): number => (frame === undefined ? 0 : bytes[frame.start + offset]!)
  const probed: ImageProbe = {
    format: 'jpeg',
    height: field(5) * 256 + field(6),
    width: field(7) * 256 + field(8),
    components: field(9),
    ...(field(9) === 4 ? { cmyk: true } : {}),
    bitDepth: field(4),
    orientation: exif === undefined ? 1 : exifOrientation(bytes.subarray(exif.start + 10, exif.end)),
    jpeg: { common: frame !== undefined && frame.marker <= LAST_COMMON_FRAME, junk: walk.junk > 0 },
  }
  const problem = findProblem(walk, probed)
  return problem === undefined ? probed : { ...probed, problem }
}

function findProblem(
  walk: { segments: JpegSegment[]; end: number | undefined },
  probed: { width: number; height: number },
): string | undefined {
  if (walk.end === undefined) return 'the JPEG has no end marker: it is truncated or corrupt'
  if (!walk.segments.some(({ marker }) => isStartOfFrame(marker))) return 'the JPEG has no frame header'
  if (!walk.segments.some(({ marker }) => marker === Marker.startOfScan))
    return 'the JPEG holds no image data'
  if (probed.width === 0 || probed.height === 0) return 'the JPEG states no size'
  return undefined
}

function isExif(bytes: Uint8Array, { marker, start }: JpegSegment): boolean {
  return marker === Marker.app1 && EXIF.every((byte, i) => bytes[start + 4 + i] === byte)
}
