const SMALLEST = 1024

/** Hashes to numbers from 0 to 2^32 - 2, in 12 to 24 bytes each: open addressing, and no object for an entry. */
export class HashIndex {
  #hashes = new BigUint64Array(SMALLEST)
  /** One more than the number; 0 is a free place. */
  #numbers = new Uint32Array(SMALLEST)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The number of a hash, or -1. */
  get(hash: bigint): number {
    return this.#numbers[this.#place(hash)]! - 1
  }

  /** Keeps the number that a hash has already. @returns whether it is new */
  add(hash: bigint, number: number): boolean {
    if (this.#size * 2 >= this.#numbers.length) this.#grow()
    const place = this.#place(hash)
    if (this.#numbers[place] !== 0) return false
    this.#hashes[place] = hash
    this.#numbers[place] = number + 1
    this.#size++
    return true
  }

  /** Where the hash stands, or the free place where it would. Hashes are as good as random: their low bits will do. */
  #place(hash: bigint): number {
    const mask = this.#numbers.length - 1
    let place = Number(hash & 0xffff_ffffn) & mask
    while (this.#numbers[place] !== 0 && this.#hashes[place] !== hash) place = (place + 1) & mask
    return place
  }

  #grow(): void {
    const [hashes, numbers] = [this.#hashes, this.#numbers]
    this.#hashes = new BigUint64Array(2 * hashes.length)
    this.#numbers = new Uint32Array(2 * numbers.length)
    for (let i = 0; i < numbers.length; i++) {
      if (numbers[i] === 0) continue
      const place = this.#place(hashes[i]!)
      this.#hashes[place] = hashes[i]!
      this.#numbers[place] = numbers[i]!
    }
  }
}
