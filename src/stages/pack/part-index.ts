import { imageFormatCode, imageFormats } from '../../dataset/image-format.js'

export const outcomeKinds = ['skipped', 'as-is', 'converted', 'damaged'] as const

export type OutcomeKind = (typeof outcomeKinds)[number]

/** What the index of a part says of one file. A skipped file has no image: 0 bytes of it, and no size. */
export interface IndexEntry {
  kind: OutcomeKind
  /** The image was taken over from the version before. */
  reused: boolean
  /** Position in the order of the dataset. */
  identity: number
  /** Position in the inputs. */
  source: number
  /** Where its record begins in the part: its path, the reason, the image. */
  offset: number
  pathBytes: number
  reasonBytes: number
  imageBytes: number
  /** Pixels; 65,535 stands for all above too, 0 for an unknown size. */
  width: number
  height: number
  /** One of `imageFormats`. */
  format: string
  /** xxHash64 of the image. */
  xxh64: bigint
}

/**
 * Offset f64, xxh64 u64, identity u32, image bytes u32, path and reason bytes u16, width and height u16, source u16,
 * kind u8, format u8, reused u8, 3 bytes unused. In the byte order of the machine, as all that is read through typed
 * arrays: a part is used where it was made.
 */
const ENTRY_BYTES = 40
const DOUBLES = ENTRY_BYTES / 8
const WORDS = ENTRY_BYTES / 4
const HALVES = ENTRY_BYTES / 2

/** The index of one part, in memory: read and written through typed arrays, so that an entry costs next to nothing. */
export class PartIndex {
  /** Number of files. */
  readonly count: number
  readonly bytes: Uint8Array
  readonly #doubles: Float64Array
  readonly #hashes: BigUint64Array
  readonly #words: Uint32Array
  readonly #halves: Uint16Array

  /** @param memory of an index file */
  constructor(memory: ArrayBuffer) {
    this.count = memory.byteLength / ENTRY_BYTES
    this.bytes = new Uint8Array(memory)
    this.#doubles = new Float64Array(memory)
    this.#hashes = new BigUint64Array(memory)
    this.#words = new Uint32Array(memory)
    this.#halves = new Uint16Array(memory)
  }

  /** An index to be filled. */
  static ofFiles(count: number): PartIndex {
    return new PartIndex(new ArrayBuffer(count * ENTRY_BYTES))
  }

  set(file: number, entry: IndexEntry): void {
    this.#doubles[file * DOUBLES] = entry.offset
    this.#hashes[file * DOUBLES + 1] = entry.xxh64
    this.#words[file * WORDS + 4] = entry.identity
    this.#words[file * WORDS + 5] = entry.imageBytes
    this.#halves[file * HALVES + 12] = entry.pathBytes
    this.#halves[file * HALVES + 13] = entry.reasonBytes
    this.#halves[file * HALVES + 14] = Math.min(entry.width, 0xffff)
    this.#halves[file * HALVES + 15] = Math.min(entry.height, 0xffff)
    this.#halves[file * HALVES + 16] = entry.source
    this.bytes[file * ENTRY_BYTES + 34] = outcomeKinds.indexOf(entry.kind)
    this.bytes[file * ENTRY_BYTES + 35] = imageFormatCode(entry.format)
    this.bytes[file * ENTRY_BYTES + 36] = entry.reused ? 1 : 0
  }

  get(file: number): IndexEntry {
    const { width, height } = this.sizeOf(file)
    return {
      kind: outcomeKinds[this.bytes[file * ENTRY_BYTES + 34]!]!,
      reused: this.bytes[file * ENTRY_BYTES + 36] === 1,
      identity: this.#words[file * WORDS + 4]!,
      source: this.#halves[file * HALVES + 16]!,
      offset: this.#doubles[file * DOUBLES]!,
      pathBytes: this.#halves[file * HALVES + 12]!,
      reasonBytes: this.#halves[file * HALVES + 13]!,
      imageBytes: this.#words[file * WORDS + 5]!,
      width,
      height,
      format: imageFormats[this.bytes[file * ENTRY_BYTES + 35]!]!,
      xxh64: this.#hashes[file * DOUBLES + 1]!,
    }
  }

  isStored(file: number): boolean {
    return this.bytes[file * ENTRY_BYTES + 34] !== 0
  }

  /** Of the image. */
  sizeOf(file: number): { width: number; height: number } {
    return { width: this.#halves[file * HALVES + 14]!, height: this.#halves[file * HALVES + 15]! }
  }

  /** Where the record of a file begins. */
  offsetOf(file: number): number {
    return this.#doubles[file * DOUBLES]!
  }

  /** Where it ends. */
  endOf(file: number): number {
    return (
      this.offsetOf(file) +
      this.#halves[file * HALVES + 12]! +
      this.#halves[file * HALVES + 13]! +
      this.#words[file * WORDS + 5]!
    )
  }
}
