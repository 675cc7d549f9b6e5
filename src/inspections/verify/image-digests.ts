import { xxh64 } from '../../hash/xxh64.js'
import type { DecodeResult } from './decode-worker.js'

/** What was found out of images of a `.rec` file beforehand, by columns. */
export interface ImageDigests {
  /** Where their records begin, ascending. */
  offsets: Float64Array
  /** 0 for a record that cannot be read: nothing is known of it. */
  readable: Uint8Array
  /** xxHash64 of the image bytes. */
  hashes: BigUint64Array
  /** Width, height and format of each, by its header. */
  shapes: Uint32Array
  /** Positions of those that cannot be decoded, and why. Undefined where none was decoded. */
  failures: { position: number; reason: string }[] | undefined
}

export function emptyDigests(offsets: Float64Array, decode: boolean): ImageDigests {
  const { length } = offsets
  return {
    offsets,
    readable: new Uint8Array(length),
    hashes: new BigUint64Array(length),
    shapes: new Uint32Array(3 * length),
    failures: decode ? [] : undefined,
  }
}

/** Puts the digests of some images into those of all, from the position `first` on. */
export function setDigests(all: ImageDigests, some: ImageDigests, first: number): void {
  all.offsets.set(some.offsets, first)
  all.readable.set(some.readable, first)
  all.hashes.set(some.hashes, first)
  all.shapes.set(some.shapes, 3 * first)
  for (const { position, reason } of some.failures ?? []) {
    all.failures?.push({ position: first + position, reason })
  }
}

/** Answers for images whose bytes were looked at beforehand. */
export class KnownImages {
  readonly #digests: ImageDigests
  readonly #reasons: Map<number, string>

  constructor(digests: ImageDigests) {
    this.#digests = digests
    this.#reasons = new Map(digests.failures?.map(({ position, reason }) => [position, reason]))
  }

  /** xxHash64 of the image of the record at `offset`: known, or taken now. */
  hashOf(offset: number, image: Uint8Array): bigint {
    const position = this.#positionOf(offset)
    return position === -1 ? xxh64(image) : this.#digests.hashes[position]!
  }

  /** As the worker would decode the images of these records; undefined where one of them was not decoded. */
  decoded(offsets: number[]): DecodeResult | undefined {
    if (this.#digests.failures === undefined) return undefined
    const shapes = new Uint32Array(3 * offsets.length)
    const failures: DecodeResult['failures'] = []
    for (const [i, offset] of offsets.entries()) {
      const position = this.#positionOf(offset)
      if (position === -1) return undefined
      shapes.set(this.#digests.shapes.subarray(3 * position, 3 * position + 3), 3 * i)
      const reason = this.#reasons.get(position)
      if (reason !== undefined) failures.push({ position: i, reason })
    }
    return { shapes, failures }
  }

  #positionOf(offset: number): number {
    const { offsets, readable } = this.#digests
    let low = 0
    let high = offsets.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if (offsets[middle] === offset) return readable[middle] === 1 ? middle : -1
      if (offsets[middle]! < offset) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}
