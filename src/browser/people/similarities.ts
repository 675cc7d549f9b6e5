import { normalise } from '../../curation/index.js'
import type { Dataset, ManifestRows } from '../../dataset/index.js'
import type { StoredVectors } from '../../embeddings/index.js'
import { InputError } from '../../errors/index.js'
import type { PhotosByLabel } from './photos-by-label.js'
import { Turns } from './turns.js'

/** How much photos are alike, by embeddings that were computed before. */
export class Similarities {
  readonly #dataset: Dataset
  /** Held open: the file itself may be gone when it is read. */
  readonly #manifest: ManifestRows
  readonly #photos: PhotosByLabel
  readonly #vectors: StoredVectors
  #people: Promise<Float32Array> | undefined

  constructor(dataset: Dataset, manifest: ManifestRows, photos: PhotosByLabel, vectors: StoredVectors) {
    this.#dataset = dataset
    this.#manifest = manifest
    this.#photos = photos
    this.#vectors = vectors
  }

  /**
   * Of each identity the length of the mean of its normalised embeddings, 0 to 1: near 1 where all photos are of one
   * person. NaN for one with fewer than two embeddings. Computed once; each vector is read once.
   * @throws InputError where no image of the dataset has an embedding
   */
  ofPeople(): Promise<Float32Array> {
    if (this.#people === undefined) {
      this.#people = this.#measurePeople()
      // What failed may succeed another time.
      this.#people.catch(() => (this.#people = undefined))
    }
    return this.#people
  }

  /**
   * Of each photo of an identity the cosine of its embedding to the centre: the normalised mean of the normalised
   * embeddings of all of them. Undefined for one without an embedding, and where there are fewer than two.
   * @param hashes of all photos of the identity
   */
  ofPhotos(hashes: bigint[]): (number | undefined)[] {
    const embedded = hashes.flatMap((hash, i) => (this.#vectors.find(hash) === -1 ? [] : [i]))
    const similarity = new Array<number | undefined>(hashes.length)
    if (embedded.length < 2) return similarity
    const vectors = this.#read(embedded.map((i) => hashes[i]!))
    const { size } = this.#vectors
    const centre = meanOf(vectors, size)
    normalise(centre)
    for (const [row, i] of embedded.entries()) {
      let cosine = 0
      for (let k = 0; k < size; k++) cosine += centre[k]! * vectors[row * size + k]!
      similarity[i] = cosine
    }
    return similarity
  }

  async #measurePeople(): Promise<Float32Array> {
    const { imageCount, identityCount, name } = this.#dataset
    const hashes = new BigUint64Array(imageCount)
    let filled = 0
    for await (const batch of this.#manifest.batches()) {
      hashes.set(batch.hashes, filled)
      filled += batch.rows
    }
    const likeness = new Float32Array(identityCount).fill(Number.NaN)
    let embedded = 0
    const turns = new Turns()
    for (let label = 0; label < identityCount; label++) {
      const own = Array.from(this.#photos.positions(label), (position) => hashes[position]!)
      const found = own.filter((hash) => this.#vectors.find(hash) !== -1)
      embedded += found.length
      if (found.length > 1) likeness[label] = lengthOf(meanOf(this.#read(found), this.#vectors.size))
      if (turns.isOver) await turns.next()
    }
    if (embedded > 0) return likeness
    throw new InputError({
      problem: `no photo of ${name} has an embedding by ${this.#vectors.model || 'the model of the embeddings that are there'}`,
      fix: 'Make them: facedata embed MODEL.onnx DATASET -o FILE.arrow',
    })
  }

  /** Of length 1. */
  #read(hashes: bigint[]): Float32Array {
    const vectors = this.#vectors.read(hashes.map((hash) => this.#vectors.find(hash)))
    const { size } = this.#vectors
    for (let first = 0; first < vectors.length; first += size) {
      normalise(vectors.subarray(first, first + size))
    }
    return vectors
  }
}

function meanOf(vectors: Float32Array, size: number): Float32Array {
  const mean = new Float32Array(size)
  for (let i = 0; i < vectors.length; i++) mean[i % size]! += vectors[i]!
  return mean.map((sum) => (sum * size) / vectors.length)
}

function lengthOf(vector: Float32Array): number {
  return Math.hypot(...vector)
}
