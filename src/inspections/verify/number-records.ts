/** A record of the insightface dialect that holds numbers and no image. */
interface HeaderNumbers {
  /** Key of the first identity record. */
  start: number
  /** One more than the key of the last. */
  end: number
}

/** What identity records hold, by identity. */
export interface IdentityRanges {
  /** 0 where the record is missing. */
  present: Uint8Array
  /** Keys of the first image, and one more than that of the last. */
  starts: Float64Array
  ends: Float64Array
}

/** The records without an image, by columns: those of identities, and the header, which has key 0. */
export class NumberRecords {
  header: HeaderNumbers | undefined
  #keys = new Float64Array(1024)
  #starts = new Float64Array(1024)
  #ends = new Float64Array(1024)
  #count = 0

  add(key: number, start: number, end: number): void {
    if (key === 0) {
      this.header = { start, end }
      return
    }
    if (this.#count === this.#keys.length) {
      this.#keys = grow(this.#keys)
      this.#starts = grow(this.#starts)
      this.#ends = grow(this.#ends)
    }
    this.#keys[this.#count] = key
    this.#starts[this.#count] = start
    this.#ends[this.#count++] = end
  }

  /** Identity records. */
  get count(): number {
    return this.#count
  }

  /** Keys of the identity records: the first, and one more than the last. 0 and 0 where there are none. */
  get span(): { start: number; end: number } {
    let start = Number.POSITIVE_INFINITY
    let end = 0
    for (let i = 0; i < this.#count; i++) {
      start = Math.min(start, this.#keys[i]!)
      end = Math.max(end, this.#keys[i]! + 1)
    }
    return this.#count === 0 ? { start: 0, end: 0 } : { start, end }
  }

  /** The ranges by identity, where the record of the first has key `firstKey`. */
  ranges(firstKey: number, identities: number): IdentityRanges {
    const ranges = {
      present: new Uint8Array(identities),
      starts: new Float64Array(identities).fill(Number.NaN),
      ends: new Float64Array(identities).fill(Number.NaN),
    }
    for (let i = 0; i < this.#count; i++) {
      const identity = this.#keys[i]! - firstKey
      if (identity < 0 || identity >= identities) continue
      ranges.present[identity] = 1
      ranges.starts[identity] = this.#starts[i]!
      ranges.ends[identity] = this.#ends[i]!
    }
    return ranges
  }
}

function grow(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * column.length)
  larger.set(column)
  return larger
}
