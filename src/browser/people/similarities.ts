import { normalise } from '../../curation/index.js'
import type { Dataset, ManifestRows } from '../../dataset/index.js'
import type { StoredVectors } from '../../embeddings/index.js'
import { InputError } from '../../errors/index.js'
import type { PhotosByLabel } from './photos-by-label.js'
import { Turns } from './turns.js'

/** Embeddings that are in memory at a time: some megabytes. */
const READ_AT_ONCE = 2048

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
   * embeddings of all of them. NaN for one without an embedding, and where there are fewer than two. Each vector is read
   * twice, some at a time.
   */
  async ofPhotos(label: number): Promise<Float64Array> {
    const hashes = await this.#manifest.hashes(this.#photos.positions(label))
    const likeness = new Float64Array(hashes.length).fill(Number.NaN)
    const { mean, count } = await this.#meanOf(hashes)
    if (count < 2) return likeness
    const centre = Float32Array.from(mean)
    normalise(centre)
    const { size } = this.#vectors
    for await (const { places, vectors } of this.#vectorsOf(hashes)) {
      for (const [row, place] of places.entries()) {
        let cosine = 0
        for (let k = 0; k < size; k++) cosine += centre[k]! * vectors[row * size + k]!
        likeness[place] = cosine
      }
    }
    return likeness
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
      const positions = this.#photos.positions(label)
      const own = new BigUint64Array(positions.length)
      for (const [i, position] of positions.entries()) own[i] = hashes[position]!
      const { mean, count } = await this.#meanOf(own)
      embedded += count
      if (count > 1) likeness[label] = Math.hypot(...mean)
      if (turns.isOver) await turns.next()
    }
    if (embedded > 0) return likeness
    throw new InputError({
      problem: `no photo of ${name} has an embedding by ${this.#vectors.model || 'the model of the embeddings that are there'}`,
      fix: 'Make them: facedata embed MODEL.onnx DATASET -o FILE.arrow',
    })
  }

  /** Of those of the images that have an embedding, each of length 1. */
  async #meanOf(hashes: BigUint64Array): Promise<{ mean: Float64Array; count: number }> {
    const { size } = this.#vectors
    const mean = new Float64Array(size)
    let count = 0
    for await (const { places, vectors } of this.#vectorsOf(hashes)) {
      count += places.length
      for (let i = 0; i < vectors.length; i++) mean[i % size]! += vectors[i]!
    }
    for (let k = 0; k < size; k++) mean[k]! /= Math.max(1, count)
    return { mean, count }
  }

  /** Embeddings of images, of length 1, some at a time, with the places of their images. The server answers in between. */
  async *#vectorsOf(hashes: BigUint64Array): AsyncGenerator<{ places: number[]; vectors: Float32Array }> {
    const turns = new Turns()
    let places: number[] = []
    let numbers: number[] = []
    for (const [place, hash] of hashes.entries()) {
      const number = this.#vectors.find(hash)
      if (number !== -1) {
        places.push(place)
        numbers.push(number)
      }
      if (numbers.length < READ_AT_ONCE && (place < hashes.length - 1 || numbers.length === 0)) continue
      yield { places, vectors: this.#read(numbers) }
      places = []
      numbers = []
      if (turns.isOver) await turns.next()
    }
  }

  #read(numbers: number[]): Float32Array {
    const vectors = this.#vectors.read(numbers)
    const { size } = this.#vectors
    for (let first = 0; first < vectors.length; first += size) {
      normalise(vectors.subarray(first, first + size))
    }
    return vectors
  }
}
