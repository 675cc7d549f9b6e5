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

export interface ArchiveEntry extends EntryLocation, EntryPath {}

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

  add(entry: ArchiveEntry): void {
    if (this.#size === this.#rows) this.#grow()
    const row = this.#size++
    this.#addPath(row, Buffer.from(entry.path, 'utf8'))
    this.#offset[row] = entry.offset
    this.#storedBytes[row] = entry.storedBytes
    this.#bytes[row] = entry.bytes
    this.#method[row] = entry.method
    this.#crc32[row] = entry.crc32
    if (entry.problem !== undefined) this.#problems.set(row, entry.problem)
    if (entry.misnamed) this.#misnamed.add(row)
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

  #addPath(row: number, path: Buffer): void {
    if (this.#pieces.length === 0 || this.#pieceFilled + path.length > PIECE_BYTES) {
      this.#pieces.push(Buffer.allocUnsafeSlow(PIECE_BYTES))
      this.#pieceFilled = 0
    }
    path.copy(this.#pieces.at(-1)!, this.#pieceFilled)
    this.#pathStart[row] = (this.#pieces.length - 1) * PIECE_BYTES + this.#pieceFilled
    this.#pathBytes[row] = path.length
    this.#pieceFilled += path.length
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
