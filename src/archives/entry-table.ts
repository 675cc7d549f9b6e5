import type { EntryPath } from './entry-path.js'

/** Where the bytes of an entry lie: all that a thread needs, beside the archive, to read it. */
export interface EntryLocation {
  /** Zip: of the local header. Tar: of the first byte. */
  offset: number
  /** Bytes in the archive. */
  storedBytes: number
  /** Bytes of the file. */
  bytes: number
  /** Zip's number: 0 stored, 8 deflated. */
  method: number
  /** Of the file; 0 in a tar, which has none. */
  crc32: number
}

const PIECE_BYTES = 2 ** 20
const FIRST_ROWS = 1024

/** The files of an archive, by column: about 60 bytes each beside the path, and nothing for the garbage collector. */
export class EntryTable {
  #size = 0
  #rows = FIRST_ROWS
  /** Paths in UTF-8, one after another; none lies in two pieces. */
  readonly #pieces: Buffer[] = []
  #pieceFilled = 0
  #pathStart = new Float64Array(FIRST_ROWS)
  #pathBytes = new Uint32Array(FIRST_ROWS)
  #offset = new Float64Array(FIRST_ROWS)
  #storedBytes = new Float64Array(FIRST_ROWS)
  #bytes = new Float64Array(FIRST_ROWS)
  #method = new Uint16Array(FIRST_ROWS)
  #crc32 = new Uint32Array(FIRST_ROWS)
  /** Entries that cannot be read are few. */
  readonly #problems = new Map<number, string>()
  readonly #misnamed = new Set<number>()

  get size(): number {
    return this.#size
  }

  /** @param problem why it cannot be read, where its path is not the reason */
  add(name: EntryPath, location: EntryLocation, problem: string | undefined): void {
    if (this.#size === this.#rows) this.#grow()
    const row = this.#size++
    this.#addPath(row, name.path)
    this.#offset[row] = location.offset
    this.#storedBytes[row] = location.storedBytes
    this.#bytes[row] = location.bytes
    this.#method[row] = location.method
    this.#crc32[row] = location.crc32
    if (name.problem !== undefined) this.#misnamed.add(row)
    if (name.problem !== undefined || problem !== undefined) {
      this.#problems.set(row, (name.problem ?? problem)!)
    }
  }

  path(row: number): string {
    const start = this.#pathStart[row]!
    const piece = this.#pieces[Math.floor(start / PIECE_BYTES)]!
    const at = start % PIECE_BYTES
    return piece.toString('utf8', at, at + this.#pathBytes[row]!)
  }

  /** Why the entry cannot be read, if so. */
  problem(row: number): string | undefined {
    return this.#problems.get(row)
  }

  /** Whether the problem is its path, which then is no path below a folder. */
  isMisnamed(row: number): boolean {
    return this.#misnamed.has(row)
  }

  /** For what shows only once all entries are known. The first problem of an entry stays. */
  setProblem(row: number, problem: string): void {
    if (!this.#problems.has(row)) this.#problems.set(row, problem)
  }

  location(row: number): EntryLocation {
    return {
      offset: this.#offset[row]!,
      storedBytes: this.#storedBytes[row]!,
      bytes: this.#bytes[row]!,
      method: this.#method[row]!,
      crc32: this.#crc32[row]!,
    }
  }

  /** Rows in the order of their offsets. */
  byOffset(): Uint32Array {
    const offset = this.#offset
    return Uint32Array.from({ length: this.#size }, (_, row) => row).sort((a, b) => offset[a]! - offset[b]!)
  }

  #addPath(row: number, path: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    if (this.#pieces.length === 0 || this.#pieceFilled + 3 * path.length > PIECE_BYTES) {
      this.#pieces.push(Buffer.allocUnsafeSlow(PIECE_BYTES))
      this.#pieceFilled = 0
    }
    const length = this.#pieces.at(-1)!.write(path, this.#pieceFilled, 'utf8')
    this.#pathStart[row] = (this.#pieces.length - 1) * PIECE_BYTES + this.#pieceFilled
    this.#pathBytes[row] = length
    this.#pieceFilled += length
  }

  #grow(): void {
    this.#rows *= 2
    this.#pathStart = extended(this.#pathStart, new Float64Array(this.#rows))
    this.#pathBytes = extended(this.#pathBytes, new Uint32Array(this.#rows))
    this.#offset = extended(this.#offset, new Float64Array(this.#rows))
    this.#storedBytes = extended(this.#storedBytes, new Float64Array(this.#rows))
    this.#bytes = extended(this.#bytes, new Float64Array(this.#rows))
    this.#method = extended(this.#method, new Uint16Array(this.#rows))
    this.#crc32 = extended(this.#crc32, new Uint32Array(this.#rows))
  }
}

function extended<T extends Float64Array | Uint32Array | Uint16Array>(column: T, longer: T): T {
  longer.set(column)
  return longer
}
