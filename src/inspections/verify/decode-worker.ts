import { closeSync, openSync } from 'node:fs'
import { readImageSync } from '../../dataset/index.js'
import { describeFault, InputError } from '../../errors/index.js'
import { xxh64 } from '../../hash/xxh64.js'
import { decodeJpegRgbSync, decodeRgb } from '../../image/index.js'
import { inputErrorFrom } from '../../io/index.js'
import { emptyDigests, type ImageDigests } from './image-digests.js'
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

/** What is to be found out of images beforehand. */
export interface DigestTask extends DecodeTask {
  decode: boolean
}

/** Hashes images, reads their headers and, where asked, decodes them. @throws InputError where the file cannot be opened */
export async function digestImages({ path, offsets, lengths, decode }: DigestTask): Promise<ImageDigests> {
  const digests = emptyDigests(offsets, decode)
  const descriptor = openRecords(path)
  try {
    for (let position = 0; position < offsets.length; position++) {
      const image = readOrUndefined(descriptor, path, offsets[position]!, lengths[position]!)
      if (image === undefined) continue
      digests.readable[position] = 1
      digests.hashes[position] = xxh64(image)
      const { width, height, format } = shapeOf(image)
      digests.shapes.set([width, height, format], 3 * position)
      const reason = decode ? await whyNotDecoded(image) : undefined
      if (reason !== undefined) digests.failures?.push({ position, reason })
    }
  } finally {
    closeSync(descriptor)
  }
  return digests
}

function readOrUndefined(
  descriptor: number,
  path: string,
  offset: number,
  length: number,
): Uint8Array | undefined {
  try {
    return readImageSync(descriptor, path, offset, length)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** Undefined for an image that can be decoded to its end. */
async function whyNotDecoded(image: Uint8Array): Promise<string | undefined> {
  try {
    if (decodeJpegRgbSync(image) === undefined) await decodeRgb(image)
    return undefined
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return reasonOf(error)
  }
}

function reasonOf({ fault }: InputError): string {
  const { problem, expected, actual } = fault
  return describeFault({
    problem,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  })
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
        const reason = await whyNotDecoded(image)
        if (reason !== undefined) failures.push({ position, reason })
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        failures.push({ position, reason: reasonOf(error) })
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
