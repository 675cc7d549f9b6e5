import { posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ImageRange } from '../dataset/index.js'
import { xxh64 } from '../hash/xxh64.js'
import { readBin, type VerificationBin } from '../verification/index.js'
import type { ImageSource, SourceImage } from './image-source.js'
import { JoinedSets } from './joined-sets.js'

const IMAGES_PER_BATCH = 512

/**
 * The images of a verification bin. Its people are what the bin itself tells: the two images of a pair of one person
 * belong together, and so do byte-identical images, and those that the sidecar has in one folder.
 */
export class BinSource implements ImageSource {
  readonly name: string
  readonly images: number
  readonly identities: number
  readonly #bin: VerificationBin
  readonly #hashes: bigint[]
  readonly #labels: Int32Array
  readonly #names: (string | undefined)[]

  private constructor(bin: VerificationBin) {
    this.name = bin.name
    this.images = bin.images.length
    this.#bin = bin
    this.#hashes = bin.images.map(xxh64)
    this.#labels = peopleOf(bin, this.#hashes)
    this.identities = this.#labels.reduce((most, label) => Math.max(most, label + 1), 0)
    this.#names = new Array<string | undefined>(this.identities)
    for (const [image, label] of this.#labels.entries()) this.#names[label] ??= folderOf(bin, image)
  }

  /** @throws InputError where it is no bin */
  static async open(path: string): Promise<BinSource> {
    return new BinSource(await readBin(path))
  }

  async names(): Promise<(string | undefined)[]> {
    return this.#names
  }

  async *batches(
    signal?: AbortSignal,
    range: ImageRange = { first: 0, end: this.images },
  ): AsyncGenerator<SourceImage[]> {
    for (let { first } = range; first < range.end; first += IMAGES_PER_BATCH) {
      await setImmediate()
      signal?.throwIfAborted()
      yield this.#bin.images.slice(first, Math.min(range.end, first + IMAGES_PER_BATCH)).map((bytes, i) => {
        const key = first + i
        const label = this.#labels[key]!
        const path = pathOf(this.#bin, key) ?? ''
        return { key, label, identity: this.#names[label], path, bytes, xxh64: this.#hashes[key]! }
      })
    }
  }

  async close(): Promise<void> {}
}

/** The person of each image, numbered as they come. */
function peopleOf(bin: VerificationBin, hashes: bigint[]): Int32Array {
  const sets = new JoinedSets(bin.images.length)
  const first = new Map<bigint | string, number>()
  for (const [image, hash] of hashes.entries()) {
    for (const mark of [hash, folderOf(bin, image)]) {
      if (mark === undefined) continue
      const other = first.get(mark)
      if (other === undefined) first.set(mark, image)
      else sets.join(other, image)
    }
  }
  for (const [pair, same] of bin.same.entries()) if (same === 1) sets.join(2 * pair, 2 * pair + 1)
  return sets.numbers()
}

function pathOf({ sidecar }: VerificationBin, image: number): string | undefined {
  return sidecar?.pairs[image >> 1]?.images[(image & 1) as 0 | 1]
}

function folderOf(bin: VerificationBin, image: number): string | undefined {
  const path = pathOf(bin, image)
  const folder = path === undefined ? '.' : posix.dirname(path)
  return folder === '.' ? undefined : posix.basename(folder)
}
