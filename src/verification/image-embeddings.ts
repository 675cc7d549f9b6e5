import type { Embedder } from '../engines/index.js'
import { InputError } from '../errors/index.js'
import { xxh64 } from '../hash/xxh64.js'
import { decodeImages } from './bin-images.js'
import type { VerificationBin } from './verification-bin.js'

export interface EmbeddingOptions {
  /** Adds the embedding of the mirrored image to that of the image. Default true, as upstream. */
  flip?: boolean
  signal?: AbortSignal
  /** Called with the number of images of the bin that are done since the last call. */
  onImages?: (count: number) => void
}

/** Embeddings of the images of a bin, at length 1, in double precision as upstream's. */
export interface ImageEmbeddings {
  /** [distinct images, embeddingSize] */
  values: Float64Array
  embeddingSize: number
  /** Row of each image of the bin: one that stands in several pairs is embedded once. */
  rows: Uint32Array
}

/** Images that are decoded at a time. */
const IMAGES_PER_BATCH = 64

/**
 * Decodes and embeds the images of a bin. @throws InputError for an image that cannot be decoded or has not the size
 * that the model takes, and for embeddings that are not numbers
 */
export async function embedImages(
  bin: VerificationBin,
  embedder: Embedder,
  { flip = true, signal, onImages }: EmbeddingOptions,
): Promise<ImageEmbeddings> {
  const { rows, distinct } = distinctImages(bin.images)
  const { embeddingSize, inputSize } = embedder
  const values = new Float64Array(distinct.length * embeddingSize)
  let told = 0
  for (let first = 0; first < distinct.length; first += IMAGES_PER_BATCH) {
    signal?.throwIfAborted()
    const batch = distinct.slice(first, first + IMAGES_PER_BATCH)
    const { plain, mirrored } = await decodeImages(bin, batch, inputSize, { flip })
    const sums = values.subarray(first * embeddingSize, (first + batch.length) * embeddingSize)
    sums.set(await embedder.embed(plain, batch.length))
    if (mirrored !== undefined) {
      const turned = await embedder.embed(mirrored, batch.length)
      for (let i = 0; i < sums.length; i++) sums[i]! += turned[i]!
    }
    for (const [i, image] of batch.entries()) {
      normalize(sums.subarray(i * embeddingSize, (i + 1) * embeddingSize), bin, image)
    }
    // Repeated images are done with the first of them: told in proportion, so that the sum is the number of images.
    const done = Math.floor((bin.images.length * (first + batch.length)) / distinct.length)
    onImages?.(done - told)
    told = done
  }
  return { values, embeddingSize, rows }
}

/** The row of each image, and for each row the first image that has these bytes. */
function distinctImages(images: Uint8Array[]): { rows: Uint32Array; distinct: number[] } {
  const rows = new Uint32Array(images.length)
  const distinct: number[] = []
  const rowOf = new Map<bigint, number>()
  for (const [index, bytes] of images.entries()) {
    const hash = xxh64(bytes)
    let row = rowOf.get(hash)
    if (row === undefined) {
      row = distinct.push(index) - 1
      rowOf.set(hash, row)
    }
    rows[index] = row
  }
  return { rows, distinct }
}

/** To length 1, in place. A zero vector stays one, as scikit-learn's normalize leaves it. */
function normalize(vector: Float64Array, bin: VerificationBin, image: number): void {
  let square = 0
  for (const value of vector) square += value * value
  if (!Number.isFinite(square)) {
    throw new InputError({
      file: bin.path,
      problem: `the model's embedding of image ${image} is not of finite numbers`,
      fix: 'Check the model, and --mean and --std',
    })
  }
  const length = Math.sqrt(square) || 1
  for (let i = 0; i < vector.length; i++) vector[i]! /= length
}
