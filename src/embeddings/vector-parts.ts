import type { VectorFile } from './vector-file.js'

/** Embeddings files one behind the other: their vectors are numbered through. They stay on disk. */
export class VectorParts {
  readonly #parts: { first: number; file: VectorFile }[] = []
  #rows = 0

  /** Vectors of all parts. */
  get rows(): number {
    return this.#rows
  }

  /** Its vectors get the next numbers. */
  add(file: VectorFile): void {
    this.#parts.push({ first: this.#rows, file })
    this.#rows += file.rows
  }

  /**
   * Reads vectors from a number on into the front of `target`, as many as `most` allows and stand together.
   * @returns how many, one at least @throws InputError
   */
  read(number: number, most: number, target: Float32Array): number {
    let low = 0
    let high = this.#parts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#parts[middle]!.first <= number) low = middle
      else high = middle - 1
    }
    const { first, file } = this.#parts[low]!
    return file.read(number - first, most, target)
  }

  async close(): Promise<void> {
    for (const { file } of this.#parts) await file.close()
  }
}

/** Vectors by their numbers, [numbers, size]: those that stand together in one read. @throws InputError */
export function readVectors(
  numbers: ArrayLike<number>,
  size: number,
  read: (number: number, most: number, target: Float32Array) => number,
): Float32Array {
  const values = new Float32Array(numbers.length * size)
  for (let i = 0; i < numbers.length; ) {
    let run = 1
    while (i + run < numbers.length && numbers[i + run] === numbers[i]! + run) run++
    i += read(numbers[i]!, run, values.subarray(i * size))
  }
  return values
}
