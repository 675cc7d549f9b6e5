import { InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'

/** A `.idx` file by columns: record `i` of the file has key `keys[i]` and begins at `offsets[i]`. */
export interface RecordIndex {
  keys: Float64Array
  offsets: Float64Array
}

const CHUNK_BYTES = 4 * 1024 * 1024
const TAB = 0x09
const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const ZERO = 0x30

/**
 * Reads `key\toffset\n` lines, in the order of the file. Source: mxnet.recordio.MXIndexedRecordIO.
 * @param wrongLine is told of a line of another form, or with a number above 2^53, which is then left out
 * @throws InputError for such a line where `wrongLine` is not given
 */
export async function readIndex(
  path: string,
  wrongLine: (error: InputError) => void = raise,
): Promise<RecordIndex> {
  const file = await InputFile.open(path)
  try {
    const columns = new IndexColumns(path, wrongLine)
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, file.size))
    for (let offset = 0; offset < file.size; ) {
      const filled = await file.read(chunk, offset)
      if (filled === 0) break
      columns.parse(chunk.subarray(0, filled))
      offset += filled
    }
    return columns.finish()
  } finally {
    await file.close()
  }
}

function raise(error: InputError): never {
  throw error
}

/** One line of a `.idx` file. */
export function indexLine(key: number, offset: number): string {
  return `${key}\t${offset}\n`
}

/** Parses digits as they come: 50 million lines make no string. */
class IndexColumns {
  readonly #path: string
  readonly #tell: (error: InputError) => void
  #keys = new Float64Array(1024)
  #offsets = new Float64Array(1024)
  #count = 0
  #line = 1
  #key = 0
  #number = 0
  #digits = 0
  #field: 'key' | 'offset' = 'key'
  /** The rest of the line is passed over. */
  #isWrong = false

  constructor(path: string, wrongLine: (error: InputError) => void) {
    this.#path = path
    this.#tell = wrongLine
  }

  parse(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      const digit = byte - ZERO
      if (this.#isWrong) {
        const end = bytes.indexOf(NEWLINE, i)
        if (end === -1) return
        i = end
        this.#nextLine()
      } else if (digit >= 0 && digit <= 9) {
        this.#number = this.#number * 10 + digit
        this.#digits++
      } else if (byte === TAB && this.#field === 'key' && this.#digits > 0) {
        this.#key = this.#takeNumber()
        this.#field = 'offset'
      } else if (byte === NEWLINE) {
        this.#endLine()
      } else if (byte !== CARRIAGE_RETURN) {
        this.#fail(`character code ${byte}`)
      }
    }
  }

  finish(): RecordIndex {
    if (this.#field === 'offset' || this.#digits > 0) this.#endLine()
    return { keys: this.#keys.slice(0, this.#count), offsets: this.#offsets.slice(0, this.#count) }
  }

  #endLine(): void {
    if (this.#field === 'offset' && this.#digits > 0) {
      const offset = this.#takeNumber()
      if (!this.#isWrong) this.#add(offset)
    } else if (this.#field === 'offset' || this.#digits > 0) {
      this.#fail('a line without two numbers')
    }
    this.#nextLine()
  }

  #add(offset: number): void {
    if (this.#count === this.#keys.length) {
      this.#keys = grow(this.#keys)
      this.#offsets = grow(this.#offsets)
    }
    this.#offsets[this.#count] = offset
    this.#keys[this.#count++] = this.#key
  }

  #nextLine(): void {
    this.#line++
    this.#field = 'key'
    this.#number = 0
    this.#digits = 0
    this.#isWrong = false
  }

  #takeNumber(): number {
    const number = this.#number
    if (!Number.isSafeInteger(number)) this.#fail(String(number))
    this.#number = 0
    this.#digits = 0
    return number
  }

  #fail(actual: string): void {
    this.#isWrong = true
    this.#tell(
      new InputError({
        file: this.#path,
        line: this.#line,
        problem: 'not an index line',
        expected: 'key, tab, offset',
        actual,
        fix: 'Copy the index again, or remove it: the .rec file is then read from front to back.',
      }),
    )
  }
}

function grow(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}
