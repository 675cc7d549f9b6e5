import { personScores } from './person-scores.js'

/** Where embeddings are found by the hash of the image: an `EmbeddingCache`. */
export interface VectorLookup {
  /** The number under which `read` finds it; -1 where it is not there. */
  find(hash: bigint): number
  /** [numbers, size] */
  read(numbers: ArrayLike<number>): Float32Array
}

/** The images of one identity that have an embedding. */
export interface PersonImages {
  label: number
  /** In the dataset, ascending. */
  positions: Uint32Array
  /** [positions, size], each of length 1. */
  vectors: Float32Array
}

/** Embeddings of a dataset's images by identity, of length 1, read from the cache when they are asked for. */
export class PersonVectors {
  /** Numbers of an embedding. */
  readonly size: number
  readonly #cache: VectorLookup
  readonly #hashes: BigUint64Array
  readonly #labels: Int32Array
  #scores: Float32Array | undefined

  /**
   * @param cache that holds the embeddings; an image whose hash it does not hold has none
   * @param hashes of the images, and their labels, by position
   */
  constructor(cache: VectorLookup, size: number, hashes: BigUint64Array, labels: Int32Array) {
    this.size = size
    this.#cache = cache
    this.#hashes = hashes
    this.#labels = labels
  }

  /** Images without an embedding. */
  get missing(): number {
    return this.#hashes.reduce((sum, hash) => (this.#cache.find(hash) === -1 ? sum + 1 : sum), 0)
  }

  /** The identities in the order of labels, one at a time; those without an image that has an embedding are left out. */
  *people(): Generator<PersonImages> {
    const order = new Uint32Array(this.#labels.length).map((_, position) => position)
    const labels = this.#labels
    order.sort((a, b) => labels[a]! - labels[b]! || a - b)
    for (let first = 0, end = 0; first < order.length; first = end) {
      const label = labels[order[first]!]!
      while (end < order.length && labels[order[end]!] === label) end++
      const embedded = order.subarray(first, end).filter((at) => this.#cache.find(this.#hashes[at]!) !== -1)
      if (embedded.length === 0) continue
      yield { label, positions: embedded, vectors: this.#read(embedded) }
    }
  }

  /** Cosine of two images; 0 where one has no embedding. */
  cosine(a: number, b: number): number {
    if ([a, b].some((position) => this.#cache.find(this.#hashes[position]!) === -1)) return 0
    const vectors = this.#read([a, b])
    let sum = 0
    for (let i = 0; i < this.size; i++) sum += vectors[i]! * vectors[this.size + i]!
    return sum
  }

  /** How much each image is like the others of its identity: see `personScores`. 1 for one without an embedding. */
  scores(): Float32Array {
    if (this.#scores !== undefined) return this.#scores
    const scores = new Float32Array(this.#labels.length).fill(1)
    for (const { positions, vectors } of this.people()) {
      const found = personScores(vectors, this.size)
      for (const [i, position] of positions.entries()) scores[position] = found[i]!
    }
    this.#scores = scores
    return scores
  }

  #read(positions: ArrayLike<number>): Float32Array {
    const numbers = Array.from(positions, (position) => this.#cache.find(this.#hashes[position]!))
    const vectors = this.#cache.read(numbers)
    for (let first = 0; first < vectors.length; first += this.size) {
      normalise(vectors.subarray(first, first + this.size))
    }
    return vectors
  }
}

/** To length 1, in place. A zero vector stays one. */
export function normalise(vector: Float32Array): void {
  let square = 0
  for (const value of vector) square += value * value
  const length = Math.sqrt(square) || 1
  for (let i = 0; i < vector.length; i++) vector[i]! /= length
}
