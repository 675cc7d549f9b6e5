import { closeSync, openSync } from 'node:fs'
import { readImageSync } from '../dataset/index.js'
import { describeFault, InputError } from '../errors/index.js'
import { xxh64 } from '../hash/xxh64.js'
import {
  DIFFERENCE_HASH_WORDS,
  decodeJpegRgbSync,
  decodeRgb,
  differenceHash,
  lumaOf,
  meanLuma,
  sharpness,
} from '../image/index.js'
import { inputErrorFrom } from '../io/index.js'
import { emptyMeasures, type ImageMeasures } from './image-measures.js'

/** Images of a `.rec` file, by offset and length of their records. */
export interface MeasureTask {
  path: string
  offsets: Float64Array
  lengths: Uint32Array
}

export interface MeasureResult {
  measures: ImageMeasures
  /** Positions in the task of images that cannot be decoded, and why. */
  failures: { position: number; reason: string }[]
}

/** Decodes and measures images. @throws InputError where the file cannot be read, or a record is damaged */
export async function measureImages({ path, offsets, lengths }: MeasureTask): Promise<MeasureResult> {
  const measures = emptyMeasures(offsets.length)
  const failures: MeasureResult['failures'] = []
  const descriptor = openRecords(path)
  try {
    for (let position = 0; position < offsets.length; position++) {
      const bytes = readImageSync(descriptor, path, offsets[position]!, lengths[position]!)
      measures.hashes[position] = xxh64(bytes)
      try {
        await measureImage(bytes, measures, position)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        failures.push({ position, reason: describeFault(error.fault) })
      }
    }
  } finally {
    closeSync(descriptor)
  }
  return { measures, failures }
}

async function measureImage(bytes: Uint8Array, measures: ImageMeasures, position: number): Promise<void> {
  const image = decodeJpegRgbSync(bytes) ?? (await decodeRgb(bytes))
  const luma = lumaOf(image)
  const first = position * DIFFERENCE_HASH_WORDS
  differenceHash(luma, measures.pictures.subarray(first, first + DIFFERENCE_HASH_WORDS))
  measures.sides[position] = Math.min(image.width, image.height)
  measures.sharpness[position] = sharpness(luma)
  measures.brightness[position] = meanLuma(luma)
}

function openRecords(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
