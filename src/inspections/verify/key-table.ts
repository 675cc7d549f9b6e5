/** Slots for one key, at most, in a table that is addressed by key. */
const DENSE_SLOTS = 8

/** Finds where a key stands in a column of keys. 4 bytes a key where keys are dense, as those of datasets are. */
export class KeyTable {
  readonly #keys: Float64Array
  /** By key: position + 1, or 0. Undefined where keys are far apart. */
  readonly #slots: Uint32Array | undefined
  /** Positions in the order of keys, where there are no slots. */
  readonly #sorted: Uint32Array = new Uint32Array(0)

  /** @param repeated is told of each position whose key stands at another, `first`, too: lookups give that one */
  constructor(keys: Float64Array, repeated: (position: number, first: number) => void = () => {}) {
    this.#keys = keys
    let highest = -1
    for (const key of keys) if (key > highest) highest = key
    if (highest < DENSE_SLOTS * keys.length + 1024) {
      this.#slots = new Uint32Array(highest + 1)
      for (let i = 0; i < keys.length; i++) {
        const slot = this.#slots[keys[i]!]!
        if (slot === 0) this.#slots[keys[i]!] = i + 1
        else repeated(i, slot - 1)
      }
      return
    }
    this.#sorted = Uint32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b)
    for (let i = 1, first = 0; i < this.#sorted.length; i++) {
      if (keys[this.#sorted[i]!] === keys[this.#sorted[first]!])
        repeated(this.#sorted[i]!, this.#sorted[first]!)
      else first = i
    }
  }

  /** -1 where there is no such key. */
  positionOf(key: number): number {
    if (this.#slots !== undefined) return (this.#slots[key] ?? 0) - 1
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#keys[this.#sorted[middle]!]! < key) low = middle + 1
      else high = middle
    }
    const position = this.#sorted[low]
    return position !== undefined && this.#keys[position] === key ? position : -1
  }
}
