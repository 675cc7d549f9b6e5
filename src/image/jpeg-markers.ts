/**
 * The marker segments of a JPEG file, without decoding. Source: ITU-T T.81, annex B.
 */
export const Marker = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  huffmanTable: 0xc4,
  reserved: 0xc8,
  arithmeticConditioning: 0xcc,
  app1: 0xe1,
} as const

export interface JpegSegment {
  marker: number
  /** Where its marker's 0xff stands. */
  start: number
  /** Past its last byte; for a scan, past its entropy-coded data. */
  end: number
}

export interface JpegWalk {
  segments: JpegSegment[]
  /** Past the end marker; undefined where the file ends before one. What follows it (a second image) is not looked at. */
  end: number | undefined
  /** Bytes between segments that belong to none. Decoders pass over them, with a warning. */
  junk: number
}

/** From the start-of-image marker to the end marker, or as far as the file goes. */
export function walkJpeg(bytes: Uint8Array): JpegWalk {
  const segments: JpegSegment[] = []
  let junk = 0
  let position = 2
  for (;;) {
    const start = nextMarker(bytes, position)
    if (start === undefined) return { segments, end: undefined, junk }
    junk += start - position
    const marker = bytes[start + 1]!
    if (marker === Marker.endOfImage) return { segments, end: start + 2, junk }
    const end = segmentEnd(bytes, start, marker)
    if (end > bytes.length) return { segments, end: undefined, junk }
    segments.push({ marker, start, end })
    position = end
  }
}

/** The same image without the bytes that belong to no segment. */
export function withoutJunk(bytes: Uint8Array, walk: JpegWalk): Uint8Array {
  return Buffer.concat([
    bytes.subarray(0, 2),
    ...walk.segments.map(({ start, end }) => bytes.subarray(start, end)),
    Buffer.of(0xff, Marker.endOfImage),
  ])
}

/** Is it one of the sixteen start-of-frame markers? */
export function isStartOfFrame(marker: number): boolean {
  return (
    marker >= 0xc0 &&
    marker <= 0xcf &&
    marker !== Marker.huffmanTable &&
    marker !== Marker.reserved &&
    marker !== Marker.arithmeticConditioning
  )
}

function segmentEnd(bytes: Uint8Array, start: number, marker: number): number {
  if (standsAlone(marker)) return start + 2
  const length = ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0)
  // A length counts its own two bytes: a smaller one cannot be followed anywhere.
  const end = length < 2 ? bytes.length + 1 : start + 2 + length
  return marker === Marker.startOfScan ? scanEnd(bytes, end) : end
}

/** TEM, the restart markers and a repeated start of image have no length. */
function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= Marker.startOfImage)
}

/** Past entropy-coded data: to the next marker that is neither a stuffed zero nor a restart. */
function scanEnd(bytes: Uint8Array, from: number): number {
  let position = from
  for (;;) {
    const found = bytes.indexOf(0xff, position)
    if (found < 0 || found + 1 >= bytes.length) return bytes.length + 1
    const next = bytes[found + 1]!
    if (next === 0xff) position = found + 1
    else if (next === 0 || (next >= 0xd0 && next <= 0xd7)) position = found + 2
    else return found
  }
}

/** The next 0xff that begins a marker; 0xff fill bytes and 0xff00 are passed over. */
function nextMarker(bytes: Uint8Array, from: number): number | undefined {
  let position = from
  for (;;) {
    const found = bytes.indexOf(0xff, position)
    if (found < 0 || found + 1 >= bytes.length) return undefined
    const next = bytes[found + 1]!
    if (next !== 0xff && next !== 0) return found
    position = found + 1
  }
}
