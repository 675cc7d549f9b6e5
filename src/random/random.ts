/**
 * Seeded random numbers. A stream is named by its seed and any number of integer keys, so that what happens at
 * (seed, epoch, step) does not depend on what was drawn before: any worker can draw it, in any order.
 *
 * Generator: xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32 over the keys.
 */
export class Random {
  readonly #state = new Uint32Array(4)
  #spareNormal: number | undefined

  constructor(seed: number, ...keys: number[]) {
    let mixed = 0x9e3779b9
    for (const key of [seed, ...keys]) {
      mixed = splitmix32(mixed ^ (key >>> 0))
      mixed = splitmix32(mixed ^ (Math.floor(key / 0x1_0000_0000) >>> 0))
    }
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e3779b9) >>> 0
      this.#state[i] = splitmix32(mixed)
    }
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    const s = this.#state
    const [a, b, c, d] = [s[0]!, s[1]!, s[2]!, s[3]!]
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    const c2 = c ^ a
    const d2 = d ^ b
    s[1] = b ^ c2
    s[0] = a ^ d2
    s[2] = c2 ^ shifted
    s[3] = rotateLeft(d2, 11)
    return result
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return (this.uint32() * 0x20_0000 + (this.uint32() >>> 11)) / 0x20_0000_0000_0000
  }

  /** Uniform integer in [0, limit), without modulo bias for limits up to 2^32. */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit)
  }

  /** Standard normal deviate (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal
      this.#spareNormal = undefined
      return spare
    }
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const square = u * u + v * v
      if (square >= 1 || square === 0) continue
      const factor = Math.sqrt((-2 * Math.log(square)) / square)
      this.#spareNormal = v * factor
      return u * factor
    }
  }

  /** Fills an array with what so many calls of `normal` give, times `deviation`: several times as fast. */
  fillNormal(values: Float32Array, deviation: number): void {
    // In local variables of 32 signed bits, which the compiler keeps in registers.
    let [a, b, c, d] = Int32Array.from(this.#state) as unknown as [number, number, number, number]
    let spare = this.#spareNormal
    for (let i = 0; i < values.length; ) {
      if (spare !== undefined) {
        values[i++] = spare * deviation
        spare = undefined
        continue
      }
      let [u, v] = [0, 0]
      for (let coordinate = 0; coordinate < 2; coordinate++) {
        let [high, low] = [0, 0]
        for (let half = 0; half < 2; half++) {
          high = low
          const product = Math.imul(b, 5)
          low = Math.imul((product << 7) | (product >>> 25), 9)
          const shifted = b << 9
          c ^= a
          d ^= b
          b ^= c
          a ^= d
          c ^= shifted
          d = (d << 11) | (d >>> 21)
        }
        u = v
        v = (2 * ((high >>> 0) * 0x20_0000 + (low >>> 11))) / 0x20_0000_0000_0000 - 1
      }
      const square = u * u + v * v
      if (square >= 1 || square === 0) continue
      const factor = Math.sqrt((-2 * Math.log(square)) / square)
      values[i++] = u * factor * deviation
      spare = v * factor
    }
    this.#spareNormal = spare
    this.#state.set([a, b, c, d])
  }

  /** Fisher-Yates shuffle in place; returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const held = items[i]
      items[i] = items[j]
      items[j] = held
    }
    return items
  }
}

function rotateLeft(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0
}

function splitmix32(value: number): number {
  let z = (value + 0x9e3779b9) >>> 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return (z ^ (z >>> 15)) >>> 0
}
