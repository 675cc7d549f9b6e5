import { InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'
import { GrowingColumn } from './growing-column.js'
import { notAListLine, parseRow } from './list-file.js'

/** Keys and labels of a `.lst` file, in the order of its lines. */
export interface ListColumns {
  keys: Float64Array
  /** The first label of each line, rounded to float32 as records hold it. */
  labels: Float64Array
}

const CHUNK_BYTES = 4 * 1024 * 1024
const TAB = 0x09
const NEWLINE = 0x0a
const ZERO = 0x30
const POINT = 0x2e

/** More digits than these may be above 2^53. */
const MOST_DIGITS = 15

/**
 * Reads keys and labels without their paths. Numbers of the usual form, `12` and `3.000000`, make no string, so that
 * 20 million lines take seconds.
 * @param wrongLine is told of a line that is none, which is then left out
 * @throws InputError where the file cannot be read, or is no text
 */
export async function readListColumns(
  path: string,
  wrongLine: (error: InputError) => void,
): Promise<ListColumns> {
  const file = await InputFile.open(path)
  try {
    const lines = new LineParser(path, wrongLine)
    let rest = Buffer.alloc(0)
    for (let offset = 0; offset < file.size; ) {
      const chunk = Buffer.allocUnsafe(rest.length + CHUNK_BYTES)
      chunk.set(rest)
      const filled = await file.read(chunk.subarray(rest.length), offset)
      if (filled === 0) break
      offset += filled
      const bytes = chunk.subarray(0, rest.length + filled)
      const end = bytes.lastIndexOf(NEWLINE) + 1
      lines.parse(bytes.subarray(0, end))
      rest = bytes.subarray(end)
      if (rest.length > CHUNK_BYTES) {
        throw new InputError({ file: path, problem: `a line is longer than ${CHUNK_BYTES} bytes` })
      }
    }
    if (rest.length > 0) lines.parse(Buffer.concat([rest, Buffer.of(NEWLINE)]))
    return lines.columns
  } finally {
    await file.close()
  }
}

class LineParser {
  readonly #path: string
  readonly #wrongLine: (error: InputError) => void
  readonly #keys = new GrowingColumn()
  readonly #labels = new GrowingColumn()
  #line = 0

  constructor(path: string, wrongLine: (error: InputError) => void) {
    this.#path = path
    this.#wrongLine = wrongLine
  }

  get columns(): ListColumns {
    return { keys: this.#keys.values, labels: this.#labels.values }
  }

  /** Whole lines. */
  parse(bytes: Buffer): void {
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(NEWLINE, start)
      this.#line++
      if (!this.#parseUsual(bytes, start)) this.#parseText(bytes.toString('utf8', start, end))
      start = end + 1
    }
  }

  /** `key TAB label TAB`, of digits; the label may have a fraction of zeros. False for any other line. */
  #parseUsual(bytes: Buffer, start: number): boolean {
    let at = start
    let key = 0
    for (; isDigit(bytes[at]!); at++) key = key * 10 + bytes[at]! - ZERO
    if (at === start || at - start > MOST_DIGITS || bytes[at] !== TAB) return false
    const second = ++at
    let label = 0
    for (; isDigit(bytes[at]!); at++) label = label * 10 + bytes[at]! - ZERO
    if (at === second || at - second > MOST_DIGITS) return false
    if (bytes[at] === POINT) for (at++; bytes[at] === ZERO; at++);
    if (bytes[at] !== TAB) return false
    this.#add(key, label)
    return true
  }

  #parseText(text: string): void {
    if (text.trim() === '') return
    const row = parseRow(text.replace(/\r$/, ''), this.#line)
    if (row === undefined) this.#wrongLine(notAListLine(this.#path, this.#line, text))
    else this.#add(row.key, row.label)
  }

  #add(key: number, label: number): void {
    this.#keys.push(key)
    this.#labels.push(Math.fround(label))
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}
