/** Tables of one vector: far more than a file of ours has columns or notes. */
const MOST_TABLES = 256

/**
 * A table of a FlatBuffer, read field by field. Places are checked against the bytes, and vectors against what is left
 * of them: damage costs a RangeError, and no memory. Source: FlatBuffers internals, "Tables".
 */
export class FlatTable {
  readonly #bytes: DataView
  readonly #start: number
  /** Where the places of the fields stand. */
  readonly #places: number

  private constructor(bytes: DataView, start: number) {
    this.#bytes = bytes
    this.#start = start
    this.#places = start - bytes.getInt32(start, true)
  }

  /** The outermost table. @throws RangeError, as all else here, where something lies outside of the bytes */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new FlatTable(view, view.getUint32(0, true))
  }

  has(field: number): boolean {
    return this.#place(field) !== undefined
  }

  /** Numbers are 0 where the field is not there. */
  uint8(field: number): number {
    const at = this.#place(field)
    return at === undefined ? 0 : this.#bytes.getUint8(at)
  }

  int16(field: number): number {
    const at = this.#place(field)
    return at === undefined ? 0 : this.#bytes.getInt16(at, true)
  }

  int32(field: number): number {
    const at = this.#place(field)
    return at === undefined ? 0 : this.#bytes.getInt32(at, true)
  }

  int64(field: number): number {
    const at = this.#place(field)
    return at === undefined ? 0 : Number(this.#bytes.getBigInt64(at, true))
  }

  table(field: number): FlatTable | undefined {
    const at = this.#place(field)
    return at === undefined ? undefined : new FlatTable(this.#bytes, this.#follow(at))
  }

  text(field: number): string {
    const { start, length } = this.#vector(field, 1)
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, length).toString('utf8')
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.#vector(field, 4)
    if (length > MOST_TABLES) throw new RangeError(`a vector of ${length} tables`)
    return Array.from({ length }, (_, i) => new FlatTable(this.#bytes, this.#follow(start + 4 * i)))
  }

  /** Structs of this many 64-bit words, as the words of all of them. */
  words(field: number, words: number): BigInt64Array {
    const { start, length } = this.#vector(field, 8 * words)
    const found = new BigInt64Array(length * words)
    for (let i = 0; i < found.length; i++) found[i] = this.#bytes.getBigInt64(start + 8 * i, true)
    return found
  }

  #place(field: number): number | undefined {
    const entry = 4 + 2 * field
    if (entry >= this.#bytes.getUint16(this.#places, true)) return undefined
    const offset = this.#bytes.getUint16(this.#places + entry, true)
    return offset === 0 ? undefined : this.#start + offset
  }

  #follow(at: number): number {
    return at + this.#bytes.getUint32(at, true)
  }

  /** @param size bytes of an element */
  #vector(field: number, size: number): { start: number; length: number } {
    const at = this.#place(field)
    if (at === undefined) return { start: 0, length: 0 }
    const start = this.#follow(at) + 4
    const length = this.#bytes.getUint32(start - 4, true)
    if (length * size > this.#bytes.byteLength - start) throw new RangeError('a vector ends beyond its bytes')
    return { start, length }
  }
}
