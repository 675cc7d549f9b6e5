import { boxMeans, type LumaImage } from './luma.js'

const SIDE = 16

/** Bits of a difference hash. */
export const DIFFERENCE_HASH_BITS = SIDE * SIDE

/** 32-bit words that hold them. */
export const DIFFERENCE_HASH_WORDS = DIFFERENCE_HASH_BITS / 32

/**
 * Perceptual hash of a picture: for each of 16 x 16 cells whether it is brighter than the cell to its left. Scaling,
 * compression and brightness hardly change it. The usual 8 x 8 cells are too few for aligned faces, which all have eyes
 * and a mouth in the same places. Source: N. Krawetz, "Kind of Like That" (dHash).
 * @param words room for `DIFFERENCE_HASH_WORDS`
 */
export function differenceHash(image: LumaImage, words: Uint32Array): void {
  const { data } = boxMeans(image, SIDE + 1, SIDE)
  words.fill(0)
  for (let bit = 0; bit < DIFFERENCE_HASH_BITS; bit++) {
    const at = Math.floor(bit / SIDE) * (SIDE + 1) + (bit % SIDE)
    if (data[at + 1]! > data[at]!) words[bit >> 5]! |= 1 << (bit & 31)
  }
}

/** Bits that differ between the hashes of two images, of `hashes` [images, DIFFERENCE_HASH_WORDS]. */
export function differentBits(hashes: Uint32Array, a: number, b: number): number {
  let bits = 0
  for (let word = 0; word < DIFFERENCE_HASH_WORDS; word++) {
    bits += countBits(hashes[a * DIFFERENCE_HASH_WORDS + word]! ^ hashes[b * DIFFERENCE_HASH_WORDS + word]!)
  }
  return bits
}

/** Ones in 32 bits. Source: H. S. Warren, Hacker's Delight, section 5-1. */
function countBits(value: number): number {
  const pairs = value - ((value >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
