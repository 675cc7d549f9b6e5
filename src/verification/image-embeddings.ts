import type { Embedder } from '../engines/index.js'
import { InputError } from '../errors/index.js'
import { xxh64 } from '../hash/xxh64.js'
import { type BinImages, decodeImages, makeRoom } from './bin-images.js'
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
  const batchAt = (first: number) => distinct.slice(first, first + IMAGES_PER_BATCH)
  let images = makeRoom(IMAGES_PER_BATCH, inputSize, { flip })
  let nextImages = makeRoom(IMAGES_PER_BATCH, inputSize, { flip })
  await decodeImages(bin, batchAt(0), inputSize, images)
  let told = 0
  for (let first = 0; first < distinct.length; first += IMAGES_PER_BATCH) {
    signal?.throwIfAborted()
    const batch = batchAt(first)
    const embedded = embedBatch(embedder, images, batch.length)
    // While the embedder's thread is at work, the next images are decoded. Its failure is told where it is awaited.
    embedded.catch(() => {})
    await decodeImages(bin, batchAt(first + IMAGES_PER_BATCH), inputSize, nextImages)
    const sums = values.subarray(first * embeddingSize, (first + batch.length) * embeddingSize)
    sums.set(await embedded)
    for (const [i, image] of batch.entries()) {
      normalize(sums.subarray(i * embeddingSize, (i + 1) * embeddingSize), bin, image)
    }
    // Repeated images are done with the first of them: told in proportion, so that the sum is the number of images.
    const done = Math.floor((bin.images.length * (first + batch.length)) / distinct.length)
    onImages?.(done - told)
    told = done
    ;[images, nextImages] = [nextImages, images]
  }
  return { values, embeddingSize, rows }
}

/** Sums of the embeddings of images and mirrored images, where there are any. */
async function embedBatch(
  embedder: Embedder,
  { plain, mirrored }: BinImages,
  count: number,
): Promise<Float64Array> {
  const bytes = count * 3 * embedder.inputSize.height * embedder.inputSize.width
  const sums = Float64Array.from(await embedder.embed(plain.subarray(0, bytes), count))
  if (mirrored === undefined) return sums
  const turned = await embedder.embed(mirrored.subarray(0, bytes), count)
  for (let i = 0; i < sums.length; i++) sums[i]! += turned[i]!
  return sums
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
