import { InputError } from '../errors/index.js'
import { decodePlanes, type PlaneTarget } from '../image/index.js'
import type { VerificationBin } from './verification-bin.js'

/** Images of a bin for a network: uint8 [images, 3, height, width], RGB. */
export interface BinImages {
  plain: Uint8Array
  /** The same turned around left to right; undefined where it was not asked for. */
  mirrored: Uint8Array | undefined
}

interface Size {
  height: number
  width: number
}

/** Decodes images of a bin. @throws InputError for an image that cannot be decoded or has another size */
export async function decodeImages(
  bin: VerificationBin,
  indices: readonly number[],
  size: Size,
  { flip }: { flip: boolean },
): Promise<BinImages> {
  const imageBytes = 3 * size.height * size.width
  const plain = new Uint8Array(indices.length * imageBytes)
  const mirrored = flip ? new Uint8Array(plain.length) : undefined
  for (const [i, index] of indices.entries()) {
    const part = (of: Uint8Array) => of.subarray(i * imageBytes, (i + 1) * imageBytes)
    const targets = [{ planes: part(plain), mirrored: false }]
    if (mirrored !== undefined) targets.push({ planes: part(mirrored), mirrored: true })
    await decodeImage(bin, index, size, targets)
  }
  return { plain, mirrored }
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
