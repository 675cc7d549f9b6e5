import { GrowingColumn } from '../dataset/index.js'
import { HashIndex } from '../embeddings/index.js'
import { hashToHex } from '../hash/xxh64.js'
import { imageRows } from '../inspections/diff/image-columns.js'
import type { Progress } from '../progress/progress.js'
import type { OpenImages } from '../stages/image-input.js'
import { type ImagePlace, ImagePlaces } from './image-places.js'

/** Two byte-identical images, one of each side. */
export interface ImagePair {
  a: ImagePlace
  b: ImagePlace
  /** Of their bytes, in hex. */
  xxh64: string
}

interface ImageRow extends ImagePlace {
  xxh64: bigint
}

/**
 * The byte-identical images of two sides, told by xxHash64. Beside the hashes of the first side, 24 bytes an image at
 * most, memory is that of what is in common.
 */
export class CommonImages {
  readonly #a = new ImagePlaces()
  readonly #b = new ImagePlaces()
  /** Numbers in `#a` and `#b` of each pair. */
  readonly #pairs = { a: new GrowingColumn(), b: new GrowingColumn() }
  /** By pair: the number of its hash. */
  readonly #hashOf = new GrowingColumn()
  readonly #hashes: bigint[] = []

  /** Hashes that both sides have. */
  get distinct(): number {
    return this.#hashes.length
  }

  get pairCount(): number {
    return this.#hashOf.length
  }

  /** Images of the first side that the second has too. */
  get ofA(): number {
    return this.#a.count
  }

  get ofB(): number {
    return this.#b.count
  }

  /** @throws InputError; the reason of `signal` */
  static async find(
    a: OpenImages,
    b: OpenImages,
    { signal, progress }: { signal: AbortSignal; progress: Progress },
  ): Promise<CommonImages> {
    const found = new CommonImages()
    const ofA = new HashIndex()
    for await (const { xxh64 } of rowsOf(a, progress, signal)) ofA.add(xxh64, 0)
    const inBoth = new HashIndex()
    const hashesOfB = new GrowingColumn()
    for await (const row of rowsOf(b, progress, signal)) {
      if (ofA.get(row.xxh64) === -1) continue
      if (inBoth.add(row.xxh64, found.distinct)) found.#hashes.push(row.xxh64)
      found.#b.add(row)
      hashesOfB.push(inBoth.get(row.xxh64))
    }
    const groups = new ImageGroups(hashesOfB.values, found.distinct)
    if (found.distinct > 0) await found.#pairUp(rowsOf(a, progress, signal), inBoth, groups)
    return found
  }

  /**
   * In the order of the first side. Of images that a side holds several times each stands in one pair at least: the
   * first one of the first side with all of the second, the others with the first of those.
   */
  *pairs(): Generator<ImagePair> {
    const [a, b] = [this.#pairs.a.values, this.#pairs.b.values]
    for (let i = 0; i < a.length; i++) {
      const hash = this.#hashes[this.#hashOf.values[i]!]!
      yield { a: this.#a.get(a[i]!), b: this.#b.get(b[i]!), xxh64: hashToHex(hash) }
    }
  }

  async #pairUp(rows: AsyncGenerator<ImageRow>, inBoth: HashIndex, groups: ImageGroups): Promise<void> {
    const met = new Uint8Array(this.distinct)
    for await (const row of rows) {
      const hash = inBoth.get(row.xxh64)
      if (hash === -1) continue
      const number = this.#a.add(row)
      const same = groups.of(hash)
      const others = met[hash] === 1 ? same.subarray(0, 1) : same
      met[hash] = 1
      for (const other of others) {
        this.#pairs.a.push(number)
        this.#pairs.b.push(other)
        this.#hashOf.push(hash)
      }
    }
  }
}

/** Numbers of images by the number of their hash, in their order. */
class ImageGroups {
  readonly #ends: Uint32Array
  readonly #images: Uint32Array

  constructor(hashes: Float64Array, distinct: number) {
    const starts = new Uint32Array(distinct + 1)
    for (const hash of hashes) starts[hash + 1]!++
    for (let hash = 0; hash < distinct; hash++) starts[hash + 1]! += starts[hash]!
    this.#images = new Uint32Array(hashes.length)
    for (const [image, hash] of hashes.entries()) this.#images[starts[hash]!++] = image
    this.#ends = starts
  }

  of(hash: number): Uint32Array {
    return this.#images.subarray(hash === 0 ? 0 : this.#ends[hash - 1]!, this.#ends[hash]!)
  }
}

/** By the manifest of a dataset, where there is one; else every image is read and hashed. */
async function* rowsOf(
  { source, dataset }: OpenImages,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<ImageRow> {
  progress.start(`hashes of ${source.name}`, source.images, 'images')
  const batches = dataset === undefined ? source.batches(signal) : imageRows(dataset, signal)
  for await (const rows of batches) {
    yield* rows
    progress.advance(rows.length)
  }
}
