import {
  type EmbeddedBatch,
  type EmbeddingCache,
  type EmbeddingModel,
  embedImages,
  type ImageSource,
} from '../embeddings/index.js'

/** Identity centres: of each label the mean of its normalised embeddings, itself at length 1. */
export interface Centres {
  count: number
  /** Numbers of a vector. */
  size: number
  /** [count, size], in memory that threads share; zeros for an identity without images. */
  values: Float32Array
  /** Images of each. */
  images: Uint32Array
  /**
   * Length of the mean of its normalised embeddings, 0 to 1: that of one person's photos is near 1, that of many
   * people's is small.
   */
  cohesion: Float32Array
}

/** Sums normalised embeddings by label. Memory is that of the centres. */
export class CentreSums {
  readonly #centres: Centres

  constructor(count: number, size: number) {
    const values = new Float32Array(new SharedArrayBuffer(4 * count * size))
    const cohesion = new Float32Array(count)
    this.#centres = { count, size, values, images: new Uint32Array(count), cohesion }
  }

  /** @param vector as the model gives it; one of zeros has no direction and is passed over */
  add(label: number, vector: Float32Array): void {
    const { size, values, images } = this.#centres
    const length = lengthOf(vector)
    if (length === 0) return
    const start = label * size
    for (let i = 0; i < size; i++) values[start + i]! += vector[i]! / length
    images[label]!++
  }

  /** The centres, of which there is one copy: nothing can be added behind. */
  finish(): Centres {
    const { count, size, values, images, cohesion } = this.#centres
    for (let label = 0; label < count; label++) {
      const centre = values.subarray(label * size, (label + 1) * size)
      const length = lengthOf(centre)
      if (length === 0) continue
      for (let i = 0; i < size; i++) centre[i]! /= length
      cohesion[label] = length / images[label]!
    }
    return this.#centres
  }
}

export interface CentreOptions {
  signal?: AbortSignal
  /** Called for each batch that is embedded. */
  onBatch?: (batch: EmbeddedBatch) => void
}

/**
 * The centres of all identities of a source. Images without a label, and those that cannot be embedded, count for none:
 * `onBatch` is told of them. @throws as `embedImages`
 */
export async function identityCentres(
  source: ImageSource,
  model: EmbeddingModel,
  cache: EmbeddingCache,
  { signal, onBatch }: CentreOptions = {},
): Promise<Centres> {
  const size = model.embedder.embeddingSize
  const sums = new CentreSums(source.identities, size)
  for await (const batch of embedImages(source, model, cache, signal)) {
    for (const [i, { label }] of batch.images.entries()) {
      if (label >= 0) sums.add(label, batch.values.subarray(i * size, (i + 1) * size))
    }
    onBatch?.(batch)
  }
  return sums.finish()
}

function lengthOf(vector: Float32Array): number {
  let square = 0
  for (const value of vector) square += value * value
  return Math.sqrt(square)
}
