import { closeSync, openSync } from 'node:fs'
// Not through the folder's index: a thread has no need of Arrow, which takes long to load.
import { readImageSync } from '../../dataset/stored-image.js'
import { InputError } from '../../errors/index.js'
import { type Distortion, decodePlanes, type PlaneTarget } from '../../image/index.js'
import { inputErrorFrom } from '../../io/index.js'
import { transfer } from '../../workers/index.js'

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
  /** For each image, undefined where it stays as it is. */
  distortions: (Distortion | undefined)[] | undefined
  height: number
  width: number
  /** Takes the batch, RGB, NCHW [keys.length, 3, height, width]. */
  images: Uint8Array
}

/** One open file a thread: a run reads a single `.rec`. */
let opened: { path: string; descriptor: number } | undefined

/**
 * Reads, decodes and distorts a batch in a worker thread and hands its `images` back.
 * @throws InputError naming the record that cannot be read or has another size
 */
export async function decodeBatch(request: BatchRequest): Promise<Uint8Array> {
  const { path, keys, offsets, lengths, flips, distortions, height, width, images } = request
  const imageBytes = 3 * height * width
  const descriptor = openOnce(path)
  for (const [i, record] of keys.entries()) {
    const place = { file: path, record, offset: offsets[i]! }
    const planes = images.subarray(imageBytes * i, imageBytes * (i + 1))
    const target = { planes, mirrored: flips[i] === 1, distortion: distortions?.[i] }
    await decodeRecord(descriptor, lengths[i]!, place, { height, width }, target)
  }
  return transfer(images, [images.buffer as ArrayBuffer])
}

/** @throws InputError that names the record, whatever is wrong with it */
async function decodeRecord(
  descriptor: number,
  length: number,
  place: { file: string; record: number; offset: number },
  size: { height: number; width: number },
  target: PlaneTarget,
): Promise<void> {
  try {
    const found = await decodePlanes(readImageSync(descriptor, place.file, place.offset, length), size, [
      target,
    ])
    if (found.height === size.height && found.width === size.width) return
    throw new InputError({
      problem: 'the image has not the size of the dataset',
      expected: `${size.width}x${size.height}`,
      actual: `${found.width}x${found.height}`,
      fix: 'Pack the dataset again without --pass-through, so that all images get one size.',
    })
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
