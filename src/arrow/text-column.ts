import { type Data, makeData, Utf8 } from 'apache-arrow'

/** Bytes set aside for one text: paths of images are about as long. */
const USUAL_BYTES = 64

/** A column of texts, put together row by row. */
export class TextColumn {
  readonly #ends: Int32Array
  #bytes: Buffer

  /** @param rows the most rows of one batch */
  constructor(rows: number) {
    this.#ends = new Int32Array(rows + 1)
    this.#bytes = Buffer.allocUnsafeSlow(USUAL_BYTES * rows)
  }

  /** Rows are set from 0 on, without gaps. */
  set(row: number, text: string): void {
    const start = this.#ends[row]!
    const room = start + 3 * text.length
    if (room > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * room)
    this.#ends[row + 1] = start + this.#bytes.write(text, start, 'utf8')
  }

  /** The first `rows` rows: a view, valid until the next `set`. */
  data(rows: number): Data<Utf8> {
    return makeData({
      type: new Utf8(),
      length: rows,
      valueOffsets: this.#ends.subarray(0, rows + 1),
      data: this.#bytes.subarray(0, this.#ends[rows]),
    })
  }
}
