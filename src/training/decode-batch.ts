import { closeSync, openSync } from 'node:fs'
// Not through the folder's index: a thread has no need of Arrow, which takes long to load.
import { readImageSync } from '../dataset/stored-image.js'
import { InputError } from '../errors/index.js'
import { decodeJpegRgbSync, decodeRgb, type RgbImage } from '../image/index.js'
import { inputErrorFrom } from '../io/index.js'
import { transfer } from '../workers/index.js'

/** A batch to read and decode. */
export interface BatchRequest {
  /** The `.rec` file. */
  path: string
  keys: number[]
  /** Of the records in the file, and their payload bytes. */
  offsets: number[]
  lengths: number[]
  /** 1 for an image that is mirrored. */
  flips: Uint8Array
  height: number
  width: number
}

/** One open file a thread: a run reads a single `.rec`. */
let opened: { path: string; descriptor: number } | undefined

/**
 * Reads and decodes a batch in a worker thread: RGB, NCHW [keys.length, 3, height, width].
 * @throws InputError naming the record that cannot be read or has another size
 */
export async function decodeBatch(request: BatchRequest): Promise<Uint8Array> {
  const { path, keys, height, width, flips } = request
  const plane = height * width
  const batch = new Uint8Array(keys.length * 3 * plane)
  const descriptor = openOnce(path)
  for (const [i, record] of keys.entries()) {
    const place = { file: path, record, offset: request.offsets[i]! }
    const image = await readRgb(descriptor, request.lengths[i]!, place)
    if (image.height !== height || image.width !== width) {
      throw new InputError({
        ...place,
        problem: 'the image has not the size of the dataset',
        expected: `${width}x${height}`,
        actual: `${image.width}x${image.height}`,
        fix: 'Pack the dataset again without --pass-through, so that all images get one size.',
      })
    }
    writePlanes(image.data, batch.subarray(3 * plane * i, 3 * plane * (i + 1)), height, width, flips[i] === 1)
  }
  return transfer(batch, [batch.buffer])
}

/** Interleaved rows to one plane a channel, mirrored left to right if asked for. */
export function writePlanes(
  pixels: Uint8Array,
  planes: Uint8Array,
  height: number,
  width: number,
  mirrored: boolean,
): void {
  const plane = height * width
  const forward = mirrored ? -3 : 3
  for (let y = 0; y < height; y++) {
    let from = 3 * (y * width + (mirrored ? width - 1 : 0))
    for (let to = y * width; to < (y + 1) * width; to++) {
      planes[to] = pixels[from]!
      planes[to + plane] = pixels[from + 1]!
      planes[to + 2 * plane] = pixels[from + 2]!
      from += forward
    }
  }
}

/** @throws InputError that names the record, whatever is wrong with it */
async function readRgb(
  descriptor: number,
  length: number,
  place: { file: string; record: number; offset: number },
): Promise<RgbImage> {
  try {
    const bytes = readImageSync(descriptor, place.file, place.offset, length)
    return decodeJpegRgbSync(bytes) ?? (await decodeRgb(bytes))
  } catch (error) {
    if (error instanceof InputError) throw new InputError({ ...error.fault, ...place }, { cause: error })
    throw error
  }
}

function openOnce(path: string): number {
  if (opened?.path === path) return opened.descriptor
  if (opened !== undefined) closeSync(opened.descriptor)
  opened = undefined
  try {
    opened = { path, descriptor: openSync(path, 'r') }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  return opened.descriptor
}
