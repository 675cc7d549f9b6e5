import { InputError } from '../errors/index.js'
import { decodeRgb, type RgbImage } from '../image/index.js'
import type { VerificationBin } from './verification-bin.js'

/**
 * Decodes images of a bin: RGB planes [indices.length, 3, height, width]. @throws InputError for an image that cannot
 * be decoded or has another size
 */
export async function decodeImages(
  bin: VerificationBin,
  indices: readonly number[],
  { height, width }: { height: number; width: number },
): Promise<Uint8Array> {
  const size = height * width
  const planes = new Uint8Array(indices.length * 3 * size)
  for (const [i, index] of indices.entries()) {
    const { data, ...found } = await decodeImage(bin, index)
    if (found.height !== height || found.width !== width) {
      throw new InputError({
        file: bin.path,
        problem: `image ${index} has not the size that the model takes`,
        expected: `${width} x ${height}`,
        actual: `${found.width} x ${found.height}`,
        fix: `Make the bin for this model: facedata bins --pairs FILE --images FOLDER --size ${width}`,
      })
    }
    for (let channel = 0; channel < 3; channel++) {
      const plane = (i * 3 + channel) * size
      for (let pixel = 0; pixel < size; pixel++) planes[plane + pixel] = data[pixel * 3 + channel]!
    }
  }
  return planes
}

/** The same images mirrored left to right. */
export function mirrorImages(planes: Uint8Array, width: number): Uint8Array {
  const mirrored = Uint8Array.from(planes)
  for (let row = 0; row < mirrored.length; row += width) mirrored.subarray(row, row + width).reverse()
  return mirrored
}

async function decodeImage(bin: VerificationBin, index: number): Promise<RgbImage> {
  try {
    return await decodeRgb(bin.images[index]!)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const { problem, ...fault } = error.fault
    throw new InputError(
      { ...fault, file: bin.path, problem: `image ${index} cannot be decoded: ${problem}` },
      { cause: error },
    )
  }
}
