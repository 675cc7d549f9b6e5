import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { describeFault, InputError } from '../../errors/index.js'
import {
  decodeRgb,
  encodeJpeg,
  type Fit,
  type ImageProbe,
  notAnImage,
  probe,
  resize,
} from '../../image/index.js'
import { inputErrorFrom } from '../../io/index.js'

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

/** Half of what a record can hold: no photo is that large. */
export const MAXIMUM_FILE_BYTES = 2 ** 28

/** `packImage` of a file. */
export async function packFile(path: string, conversion: Conversion | undefined): Promise<Outcome> {
  return packImage(() => readImageFile(path), conversion)
}

/**
 * Reads an image and brings it into shape. A JPEG that has it already (the size, 8-bit, 1 or 3 components, upright,
 * whole to its end marker, of a coding that every decoder reads) stays byte for byte. Without a conversion every image
 * does.
 * @param read throws an InputError for a file that cannot be read: it is skipped for that reason
 */
export async function packImage(
  read: () => Uint8Array,
  conversion: Conversion | undefined,
): Promise<Outcome> {
  try {
    const bytes = read()
    const probed = probe(bytes)
    if (conversion === undefined) return passThrough(bytes, probed)
    const { size, fit, quality } = conversion
    if (probed !== undefined && hasShape(probed, size)) {
      return { kind: 'as-is', image: { bytes, width: size, height: size, format: 'jpeg' } }
    }
    const image = await resize(await decodeRgb(bytes), { width: size, height: size, fit })
    const encoded = encodeJpeg(image, quality)
    return { kind: 'converted', image: { bytes: encoded, width: size, height: size, format: 'jpeg' } }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    // The file's name stands beside the reason already.
    const { file: _, ...fault } = error.fault
    return { kind: 'skipped', reason: describeFault(fault) }
  }
}

function passThrough(bytes: Uint8Array, probed: ImageProbe | undefined): Outcome {
  if (probed === undefined) throw notAnImage(bytes)
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

/** Small files are read several times as fast synchronously as through promises. @throws InputError */
export function readImageFile(path: string): Buffer {
  try {
    const descriptor = openSync(path, 'r')
    try {
      const { size, mtimeMs } = fstatSync(descriptor)
      if (size > MAXIMUM_FILE_BYTES) {
        throw new InputError({
          problem: 'the file is too large for an image',
          expected: `at most ${MAXIMUM_FILE_BYTES} bytes`,
          actual: size,
        })
      }
      const bytes = Buffer.allocUnsafe(size)
      let filled = 0
      while (filled < size) {
        const count = readSync(descriptor, bytes, filled, size - filled, filled)
        if (count === 0) throw new InputError({ problem: 'the file became shorter while it was read' })
        filled += count
      }
      const after = fstatSync(descriptor)
      if (after.size !== size || after.mtimeMs !== mtimeMs) {
        throw new InputError({ problem: 'the file was written to while it was read' })
      }
      return bytes
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
