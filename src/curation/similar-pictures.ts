import { DIFFERENCE_HASH_WORDS, differentBits } from '../image/index.js'

/** 16-bit parts of a hash: the words halved. */
const PARTS = 2 * DIFFERENCE_HASH_WORDS
const PART_BITS = 16
const PART_VALUES = 2 ** PART_BITS

/** With more bits that differ, every part of two hashes could differ in 2 bits or more. */
export const LARGEST_SEARCH_DISTANCE = 2 * PARTS - 1

/**
 * All pairs of hashes, smaller position first, that differ in at most `distance` bits. Exact: of 16 parts of 16 bits two
 * such hashes have at least one that is equal or differs in a single bit (pigeonhole), so that only those with such a
 * part are compared. Memory is that of one part: 8 bytes an image. Source: Norouzi et al., "Fast exact search in Hamming
 * space with multi-index hashing", 2014.
 * @param hashes [images, DIFFERENCE_HASH_WORDS]
 * @param distance up to `LARGEST_SEARCH_DISTANCE`
 */
export function* similarPictures(hashes: Uint32Array, distance: number): Generator<[number, number]> {
  const count = hashes.length / DIFFERENCE_HASH_WORDS
  for (let part = 0; part < PARTS; part++) {
    const buckets = new Buckets(hashes, count, part)
    for (let value = 0; value < PART_VALUES; value++) {
      const members = buckets.of(value)
      if (members.length === 0) continue
      for (const [i, a] of members.entries()) {
        for (const b of members.subarray(i + 1)) {
          if (isNew(hashes, a, b, part, distance)) yield [a, b]
        }
      }
      for (let bit = 0; bit < PART_BITS; bit++) {
        const near = value ^ (1 << bit)
        if (near < value) continue
        for (const b of buckets.of(near)) {
          for (const a of members) {
            if (isNew(hashes, a, b, part, distance)) yield a < b ? [a, b] : [b, a]
          }
        }
      }
    }
  }
}

/** Whether two hashes are near each other, and no earlier part has brought them together. */
function isNew(hashes: Uint32Array, a: number, b: number, part: number, distance: number): boolean {
  if (differentBits(hashes, a, b) > distance) return false
  for (let earlier = 0; earlier < part; earlier++) {
    const difference = partOf(hashes, a, earlier) ^ partOf(hashes, b, earlier)
    if ((difference & (difference - 1)) === 0) return false
  }
  return true
}

function partOf(hashes: Uint32Array, image: number, part: number): number {
  return (hashes[image * DIFFERENCE_HASH_WORDS + (part >> 1)]! >>> (part & 1 ? PART_BITS : 0)) & 0xffff
}

/** Images by the value of one part of their hashes. */
class Buckets {
  readonly #starts = new Uint32Array(PART_VALUES + 1)
  readonly #images: Uint32Array

  /** Counting sort. */
  constructor(hashes: Uint32Array, count: number, part: number) {
    const starts = this.#starts
    for (let image = 0; image < count; image++) starts[partOf(hashes, image, part) + 1]!++
    for (let value = 0; value < PART_VALUES; value++) starts[value + 1]! += starts[value]!
    const next = starts.slice()
    this.#images = new Uint32Array(count)
    for (let image = 0; image < count; image++) this.#images[next[partOf(hashes, image, part)]!++] = image
  }

  /** Ascending. */
  of(value: number): Uint32Array {
    return this.#images.subarray(this.#starts[value]!, this.#starts[value + 1]!)
  }
}
