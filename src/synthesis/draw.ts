import { Random } from '../random/random.js'

/** Draws the parameters of a face. Built of exact arithmetic alone, so that every machine draws the same numbers. */
export class Draw {
  readonly #random: Random

  constructor(seed: number, ...keys: number[]) {
    this.#random = new Random(seed, ...keys)
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.#random.uniform()
  }

  /** Bell-shaped over [low, high]: the mean of three uniform draws. */
  around(low: number, high: number): number {
    const random = this.#random
    return low + ((high - low) * (random.uniform() + random.uniform() + random.uniform())) / 3
  }

  chance(probability: number): boolean {
    return this.#random.uniform() < probability
  }

  integer(limit: number): number {
    return this.#random.integer(limit)
  }

  sign(): 1 | -1 {
    return this.chance(0.5) ? 1 : -1
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.#random.integer(choices.length)] as T
  }
}
