import { InputError } from '../errors/index.js'
import { decodePlanes } from '../image/index.js'
import type { EmbeddingCache } from './embedding-cache.js'
import type { EmbeddingModel } from './embedding-model.js'
import type { ImageSource, SourceImage } from './image-source.js'

/**
 * Images of one run of the model. The last ones of a source are filled up with black images: numbers of a row could
 * depend on how many rows there are, and the same image is to have the same embedding in every run.
 */
const IMAGES_PER_RUN = 64

/** Images and their embeddings, in the order of the source. */
export interface EmbeddedBatch {
  /** Their bytes are gone when the next batch is asked for. */
  images: SourceImage[]
  /** [images, embeddingSize], as the model gives them: not normalised. */
  values: Float32Array
  /** Images without an embedding, and why. */
  skipped: { image: SourceImage; reason: string }[]
  /** Embeddings that were not in the cache. */
  computed: number
}

/**
 * The images of a source with their embeddings: from the cache, else computed and added to it. Of an image alone, not
 * of its mirror image too. Memory is that of a batch of the source and of a part of the cache.
 * @throws InputError where the embedding of an image is not of finite numbers; the reason of the signal
 */
export async function* embedImages(
  source: ImageSource,
  model: EmbeddingModel,
  cache: EmbeddingCache,
  signal?: AbortSignal,
): AsyncGenerator<EmbeddedBatch> {
  const run = new ModelRun(model)
  try {
    for await (const images of source.batches(signal)) yield await embedBatch(images, run, cache, signal)
  } finally {
    await cache.commit()
  }
}

async function embedBatch(
  images: SourceImage[],
  run: ModelRun,
  cache: EmbeddingCache,
  signal: AbortSignal | undefined,
): Promise<EmbeddedBatch> {
  const missing = new Map<bigint, SourceImage>()
  for (const image of images) {
    if (cache.find(image.xxh64) === -1 && !missing.has(image.xxh64)) missing.set(image.xxh64, image)
  }
  const reasons = new Map<bigint, string>()
  const waiting = missing.values()
  let computed = 0
  let next = await run.fill(waiting, reasons)
  while (next.length > 0) {
    signal?.throwIfAborted()
    const current = next
    const embedding = run.embed(current)
    // Its failure is told where it is awaited: meanwhile the next images are decoded.
    embedding.catch(() => {})
    next = await run.fill(waiting, reasons)
    const vectors = await embedding
    await cache.ready(IMAGES_PER_RUN)
    for (const [i, { xxh64 }] of current.entries()) cache.add(xxh64, vectors[i]!)
    computed += current.length
  }
  const kept = reasons.size === 0 ? images : images.filter(({ xxh64 }) => !reasons.has(xxh64))
  const left = reasons.size === 0 ? [] : images.filter(({ xxh64 }) => reasons.has(xxh64))
  return {
    images: kept,
    values: cache.read(kept.map(({ xxh64 }) => cache.find(xxh64))),
    skipped: left.map((image) => ({ image, reason: reasons.get(image.xxh64)! })),
    computed,
  }
}

/** Decodes images into one of two rooms while the model works on the other. */
class ModelRun {
  readonly #model: EmbeddingModel
  readonly #imageBytes: number
  #room: Uint8Array
  #other: Uint8Array

  constructor(model: EmbeddingModel) {
    const { height, width } = model.embedder.inputSize
    this.#model = model
    this.#imageBytes = 3 * height * width
    this.#room = new Uint8Array(IMAGES_PER_RUN * this.#imageBytes)
    this.#other = new Uint8Array(IMAGES_PER_RUN * this.#imageBytes)
  }

  /** Decodes the next images for `embed`; those that cannot be get a reason. */
  async fill(images: Iterator<SourceImage>, reasons: Map<bigint, string>): Promise<SourceImage[]> {
    const filled: SourceImage[] = []
    while (filled.length < IMAGES_PER_RUN) {
      const { done, value: image } = images.next()
      if (done === true) break
      const start = filled.length * this.#imageBytes
      const reason = await this.#decode(image, this.#room.subarray(start, start + this.#imageBytes))
      if (reason === undefined) filled.push(image)
      else reasons.set(image.xxh64, reason)
    }
    this.#room.fill(0, filled.length * this.#imageBytes)
    return filled
  }

  /** The embedding of each image that was filled in last. @throws InputError */
  async embed(images: SourceImage[]): Promise<Float32Array[]> {
    const room = this.#room
    this.#room = this.#other
    this.#other = room
    const { embedder } = this.#model
    const values = await embedder.embed(room, IMAGES_PER_RUN)
    return images.map((image, i) => {
      const vector = values.subarray(i * embedder.embeddingSize, (i + 1) * embedder.embeddingSize)
      if (!vector.every(Number.isFinite)) throw notFinite(this.#model, image)
      return vector
    })
  }

  async #decode({ bytes }: SourceImage, planes: Uint8Array): Promise<string | undefined> {
    const wanted = this.#model.embedder.inputSize
    try {
      const found = await decodePlanes(bytes, wanted, [{ planes, mirrored: false }])
      if (found.height === wanted.height && found.width === wanted.width) return undefined
      return `${found.width}x${found.height} pixels, where the model takes ${wanted.width}x${wanted.height}`
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return error.fault.problem
    }
  }
}

function notFinite({ name }: EmbeddingModel, { path, key }: SourceImage): InputError {
  return new InputError({
    file: path === '' ? `image ${key}` : path,
    problem: `the embedding by ${name} is not of finite numbers`,
    fix: 'Check the model, and --mean and --std.',
  })
}
