import type { PickleInput } from './pickle-input.js'

/**
 * What a pickle may make of itself, in bytes of memory beside its own, estimated: this and four times its length. A
 * file of a million `{` is a bomb.
 */
const MEMORY_ALLOWANCE = 64 * 1024 * 1024
const MEMORY_FACTOR = 4

/** Adds up what the values of a pickle take. */
export class PickleMemory {
  readonly #input: PickleInput
  readonly #limit: number
  #taken = 0

  constructor(input: PickleInput) {
    this.#input = input
    this.#limit = MEMORY_ALLOWANCE + MEMORY_FACTOR * input.bytes.length
  }

  /** @throws InputError at the current opcode where it is too much */
  charge(cost: number): void {
    this.#taken += cost
    if (this.#taken > this.#limit) {
      throw this.#input.fault(`the pickle would take more than ${this.#limit} bytes of memory beside its own`)
    }
  }
}
