import { InputError } from '../errors/index.js'
import { decodePlanes, type PlaneTarget } from '../image/index.js'
import type { VerificationBin } from './verification-bin.js'

/** Memory for images of a bin as a network takes them: uint8 [images, 3, height, width], RGB. */
export interface BinImages {
  plain: Uint8Array
  /** For the same turned around left to right; undefined where that is not wanted. */
  mirrored: Uint8Array | undefined
}

interface Size {
  height: number
  width: number
}

export function makeRoom(images: number, { height, width }: Size, { flip }: { flip: boolean }): BinImages {
  const bytes = images * 3 * height * width
  return { plain: new Uint8Array(bytes), mirrored: flip ? new Uint8Array(bytes) : undefined }
}

/**
 * Decodes images of a bin, one behind the other from the first place of `room` on. @throws InputError for an image that
 * cannot be decoded or has another size
 */
export async function decodeImages(
  bin: VerificationBin,
  indices: readonly number[],
  size: Size,
  { plain, mirrored }: BinImages,
): Promise<void> {
  const imageBytes = 3 * size.height * size.width
  for (const [i, index] of indices.entries()) {
    const part = (of: Uint8Array) => of.subarray(i * imageBytes, (i + 1) * imageBytes)
    const targets = [{ planes: part(plain), mirrored: false }]
    if (mirrored !== undefined) targets.push({ planes: part(mirrored), mirrored: true })
    await decodeImage(bin, index, size, targets)
  }
}

async function decodeImage(
  bin: VerificationBin,
  index: number,
  size: Size,
  targets: PlaneTarget[],
): Promise<void> {
  let found: Size
  try {
    found = await decodePlanes(bin.images[index]!, size, targets)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const { problem, ...fault } = error.fault
    throw new InputError(
      { ...fault, file: bin.path, problem: `image ${index} cannot be decoded: ${problem}` },
      { cause: error },
    )
  }
  if (found.height === size.height && found.width === size.width) return
  throw new InputError({
    file: bin.path,
    problem: `image ${index} has not the size that the model takes`,
    expected: `${size.width} x ${size.height}`,
    actual: `${found.width} x ${found.height}`,
    fix: `Make the bin for this model: facedata bins --pairs FILE --images FOLDER --size ${size.width}`,
  })
}
