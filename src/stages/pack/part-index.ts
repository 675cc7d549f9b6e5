/** What the join must know of a file before its record is read. */
export interface IndexEntry {
  kind: OutcomeKind
  /** The image was taken over from the version before. */
  reused: boolean
  /** Pixels; 65,535 stands for all above too. */
  width: number
  height: number
  /** Where its record begins in the part. */
  offset: number
}

export const outcomeKinds = ['skipped', 'as-is', 'converted', 'damaged'] as const

export type OutcomeKind = (typeof outcomeKinds)[number]

/** kind u8, reused u8, 2 bytes unused, width u16, height u16, record offset f64. */
const ENTRY_BYTES = 16

/** Writes one entry; the memory is used again by the next. */
export function indexEntry({ kind, reused, width, height, offset }: IndexEntry): Uint8Array {
  entry.writeUInt8(outcomeKinds.indexOf(kind), 0)
  entry.writeUInt8(reused ? 1 : 0, 1)
  entry.writeUInt16LE(Math.min(width, 0xffff), 4)
  entry.writeUInt16LE(Math.min(height, 0xffff), 6)
  entry.writeDoubleLE(offset, 8)
  return entry
}

const entry = Buffer.alloc(ENTRY_BYTES)

/** The index of one part, in memory. */
export class PartIndex {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Number of files. */
  get count(): number {
    return this.#bytes.length / ENTRY_BYTES
  }

  isStored(file: number): boolean {
    return this.#bytes[file * ENTRY_BYTES] !== outcomeKinds.indexOf('skipped')
  }

  isReused(file: number): boolean {
    return this.#bytes[file * ENTRY_BYTES + 1] === 1
  }

  /** 0 where it is not known. */
  sizeOf(file: number): { width: number; height: number } {
    const at = file * ENTRY_BYTES
    return { width: this.#bytes.readUInt16LE(at + 4), height: this.#bytes.readUInt16LE(at + 6) }
  }

  offsetOf(file: number): number {
    return this.#bytes.readDoubleLE(file * ENTRY_BYTES + 8)
  }
}
