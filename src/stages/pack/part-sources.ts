/** What tells next time whether a file has changed. */
export interface SourceState {
  size: number
  /** Milliseconds since 1970. */
  mtime: number
  /** xxHash64 of the file. */
  xxh64: bigint
}

/** mtime f64, xxh64 u64, size u32, present u32. In the byte order of the machine. */
const ENTRY_BYTES = 24
const DOUBLES = ENTRY_BYTES / 8
const WORDS = ENTRY_BYTES / 4

/** The states of a part's files, as the cache of sources will have them, through typed arrays. */
export class PartSources {
  readonly count: number
  readonly bytes: Uint8Array
  readonly #doubles: Float64Array
  readonly #hashes: BigUint64Array
  readonly #words: Uint32Array

  /** @param memory of a file of states, or of some of its entries */
  constructor(memory: ArrayBuffer) {
    this.count = memory.byteLength / ENTRY_BYTES
    this.bytes = new Uint8Array(memory)
    this.#doubles = new Float64Array(memory)
    this.#hashes = new BigUint64Array(memory)
    this.#words = new Uint32Array(memory)
  }

  /** States to be filled; those that are not set say that a file must be read again. */
  static ofFiles(count: number): PartSources {
    return new PartSources(new ArrayBuffer(count * ENTRY_BYTES))
  }

  set(file: number, { size, mtime, xxh64 }: SourceState): void {
    this.#doubles[file * DOUBLES] = mtime
    this.#hashes[file * DOUBLES + 1] = xxh64
    this.#words[file * WORDS + 4] = size
    this.#words[file * WORDS + 5] = 1
  }

  get(file: number): SourceState | undefined {
    if (this.#words[file * WORDS + 5] !== 1) return undefined
    return {
      size: this.#words[file * WORDS + 4]!,
      mtime: this.#doubles[file * DOUBLES]!,
      xxh64: this.#hashes[file * DOUBLES + 1]!,
    }
  }
}
