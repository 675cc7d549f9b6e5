import { describeFault, InputError } from '../../errors/index.js'
import type { Fit, ImageProbe } from '../../image/index.js'
import { probe } from '../../image/probe.js'
import { readSourceFile } from './source-file.js'

/** How images are brought into the dataset's shape. */
export interface Conversion {
  size: number
  fit: Fit
  quality: number
}

/** What became of one file. `damaged`: stored as it is although it is no whole image. */
export type Outcome =
  | { kind: 'skipped'; reason: string }
  | { kind: 'as-is' | 'converted'; image: PackedImage }
  | { kind: 'damaged'; image: PackedImage; reason: string }

export interface PackedImage {
  bytes: Uint8Array
  width: number
  height: number
  format: string
}

/**
 * Reads a file and brings it into shape.
 * @param conversion undefined stores every image as it is
 */
export async function packFile(path: string, conversion: Conversion | undefined): Promise<Outcome> {
  try {
    return await convert(readSourceFile(path).bytes, conversion)
  } catch (error) {
    return skippedFor(error)
  }
}

/** The outcome of a file that cannot be packed. @throws what is no fault of the file */
export function skippedFor(error: unknown): Outcome & { kind: 'skipped' } {
  if (!(error instanceof InputError)) throw error
  // The file's name stands beside the reason already.
  const { file: _, ...fault } = error.fault
  return { kind: 'skipped', reason: describeFault(fault) }
}

/**
 * Brings an image into shape. A JPEG that has it already (the size, 8-bit, 1 or 3 components, upright, whole to its end
 * marker, of a coding that every decoder reads) stays byte for byte. Without a conversion every image does.
 * @throws InputError where it is no image, or cannot be decoded
 */
export async function convert(bytes: Uint8Array, conversion: Conversion | undefined): Promise<Outcome> {
  const probed = probe(bytes)
  if (conversion === undefined) return passThrough(bytes, probed)
  const { size, fit, quality } = conversion
  if (probed !== undefined && hasShape(probed, size)) {
    return { kind: 'as-is', image: { bytes, width: size, height: size, format: 'jpeg' } }
  }
  const { convertToJpeg } = await loadCodecs()
  const encoded = await convertToJpeg(bytes, probed, { width: size, height: size, fit }, quality)
  return { kind: 'converted', image: { bytes: encoded, width: size, height: size, format: 'jpeg' } }
}

let codecs: Promise<typeof import('../../image/index.js')> | undefined

/** Loaded for the first image that is not stored as it is: they take a thread a tenth of a second. */
function loadCodecs(): Promise<typeof import('../../image/index.js')> {
  codecs ??= import('../../image/index.js')
  return codecs
}

async function passThrough(bytes: Uint8Array, probed: ImageProbe | undefined): Promise<Outcome> {
  if (probed === undefined) throw (await loadCodecs()).notAnImage(bytes)
  const { width, height, format, problem } = probed
  const image = { bytes, width, height, format }
  return problem === undefined ? { kind: 'as-is', image } : { kind: 'damaged', image, reason: problem }
}

function hasShape(probed: ImageProbe, size: number): boolean {
  const { jpeg, width, height, bitDepth, components, orientation, problem } = probed
  return (
    jpeg?.common === true &&
    problem === undefined &&
    width === size &&
    height === size &&
    bitDepth === 8 &&
    (components === 1 || components === 3) &&
    orientation === 1
  )
}
