import type { FileState } from './source-file.js'

/** What tells next time whether a file has changed. */
export interface SourceState extends FileState {
  /** xxHash64 of the file; missing where the cache is not to have the file: it must be read again next time. */
  xxh64?: bigint
}

/** What is known of a file. */
const Known = { nothing: 0, state: 1, stateAndHash: 2 } as const

/** mtime f64, xxh64 u64, size u32, what is known u32. In the byte order of the machine. */
const ENTRY_BYTES = 24
const DOUBLES = ENTRY_BYTES / 8
const WORDS = ENTRY_BYTES / 4

/** The states of a part's files when they were read, through typed arrays. */
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

  /** States to be filled. That of a file that could not be read stays unknown. */
  static ofFiles(count: number): PartSources {
    return new PartSources(new ArrayBuffer(count * ENTRY_BYTES))
  }

  set(file: number, { size, mtime, xxh64 }: SourceState): void {
    this.#doubles[file * DOUBLES] = mtime
    this.#hashes[file * DOUBLES + 1] = xxh64 ?? 0n
    this.#words[file * WORDS + 4] = size
    this.#words[file * WORDS + 5] = xxh64 === undefined ? Known.state : Known.stateAndHash
  }

  get(file: number): SourceState | undefined {
    const known = this.#words[file * WORDS + 5]
    if (known === Known.nothing) return undefined
    const state = { size: this.#words[file * WORDS + 4]!, mtime: this.#doubles[file * DOUBLES]! }
    return known === Known.state ? state : { ...state, xxh64: this.#hashes[file * DOUBLES + 1]! }
  }
}
