/** A column of numbers whose length is not known before. */
export class GrowingColumn {
  #values = new Float64Array(1024)
  #count = 0

  get length(): number {
    return this.#count
  }

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count++] = value
  }

  /** The column as it is now: a view. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#count)
  }
}
