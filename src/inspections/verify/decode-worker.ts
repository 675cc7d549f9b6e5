import { closeSync, openSync } from 'node:fs'
import { readImageSync } from '../../dataset/index.js'
import { describeFault, InputError } from '../../errors/index.js'
import { decodeJpegRgbSync, decodeRgb } from '../../image/index.js'
import { inputErrorFrom } from '../../io/index.js'
import { shapeOf } from './image-shape.js'

/** Images of a `.rec` file, by offset and length of their records. */
export interface DecodeTask {
  path: string
  offsets: Float64Array
  lengths: Uint32Array
}

export interface DecodeResult {
  /** Width, height and format of each image, by its header. */
  shapes: Uint32Array
  /** Positions in the task of images that cannot be decoded, and why. */
  failures: { position: number; reason: string }[]
}

/** Decodes every image to its end. @throws InputError where the file cannot be opened */
export async function decodeImages({ path, offsets, lengths }: DecodeTask): Promise<DecodeResult> {
  const shapes = new Uint32Array(3 * offsets.length)
  const failures: DecodeResult['failures'] = []
  const descriptor = openRecords(path)
  try {
    for (let position = 0; position < offsets.length; position++) {
      try {
        const image = readImageSync(descriptor, path, offsets[position]!, lengths[position]!)
        const { width, height, format } = shapeOf(image)
        shapes.set([width, height, format], 3 * position)
        if (decodeJpegRgbSync(image) === undefined) await decodeRgb(image)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        const { problem, expected, actual } = error.fault
        failures.push({
          position,
          reason: describeFault({
            problem,
            ...(expected === undefined ? {} : { expected }),
            ...(actual === undefined ? {} : { actual }),
          }),
        })
      }
    }
  } finally {
    closeSync(descriptor)
  }
  return { shapes, failures }
}

function openRecords(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
