import { GrowingColumn } from '../../dataset/index.js'

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
  readonly #keys = new GrowingColumn()
  readonly #starts = new GrowingColumn()
  readonly #ends = new GrowingColumn()

  add(key: number, start: number, end: number): void {
    if (key === 0) {
      this.header = { start, end }
      return
    }
    this.#keys.push(key)
    this.#starts.push(start)
    this.#ends.push(end)
  }

  /** Identity records. */
  get count(): number {
    return this.#keys.length
  }

  /** Keys of the identity records: the first, and one more than the last. 0 and 0 where there are none. */
  get span(): { start: number; end: number } {
    let start = Number.POSITIVE_INFINITY
    let end = 0
    for (const key of this.#keys.values) {
      start = Math.min(start, key)
      end = Math.max(end, key + 1)
    }
    return this.count === 0 ? { start: 0, end: 0 } : { start, end }
  }

  /** The ranges by identity, where the record of the first has key `firstKey`. */
  ranges(firstKey: number, identities: number): IdentityRanges {
    const ranges = {
      present: new Uint8Array(identities),
      starts: new Float64Array(identities).fill(Number.NaN),
      ends: new Float64Array(identities).fill(Number.NaN),
    }
    const [keys, starts, ends] = [this.#keys.values, this.#starts.values, this.#ends.values]
    for (let i = 0; i < keys.length; i++) {
      const identity = keys[i]! - firstKey
      if (identity < 0 || identity >= identities) continue
      ranges.present[identity] = 1
      ranges.starts[identity] = starts[i]!
      ranges.ends[identity] = ends[i]!
    }
    return ranges
  }
}
