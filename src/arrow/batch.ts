import { type Data, type Field, makeData, RecordBatch, type Schema, Struct } from 'apache-arrow'
import { FlatTable } from './flat-table.js'
import { type ArrowColumn, ArrowFault } from './footer.js'

/** Number of the union `MessageHeader` in Arrow's Message.fbs. */
const RECORD_BATCH = 3
const CONTINUATION = 0xffff_ffff

/** Buffers that a column has: validity and values; text has offsets between. */
const BUFFERS = { number: 2, text: 3 }

/**
 * A batch as it stands in a file: the columns of `schema`, which are views of its bytes. Every length is checked against
 * the number of rows. Source: Arrow columnar format, "RecordBatch message".
 * @param bytes metadata and, from `metadataBytes` on, body
 * @param columns those of the file, in its order
 * @throws ArrowFault, RangeError where it is no such batch
 */
export function decodeBatch(
  bytes: Uint8Array,
  metadataBytes: number,
  columns: ArrowColumn[],
  schema: Schema,
): RecordBatch {
  const prefix = new DataView(bytes.buffer, bytes.byteOffset, 8)
  if (prefix.getUint32(0, true) !== CONTINUATION)
    throw new ArrowFault('no message begins where a batch should')
  const message = FlatTable.root(bytes.subarray(8, metadataBytes))
  const header = message.table(2)
  if (message.uint8(1) !== RECORD_BATCH || header === undefined) throw new ArrowFault('a message is no batch')
  if (header.has(3)) throw new ArrowFault('a batch is compressed')
  const rows = header.int64(0)
  const body = new BatchBody(bytes.subarray(metadataBytes), rows, header)
  const found = new Map<string, Data>()
  for (const { name, type } of columns) {
    const field = schema.fields.find((wanted) => wanted.name === name)
    const column = type === 'Utf8' ? body.text(field) : body.numbers(field)
    if (column !== undefined) found.set(name, column)
  }
  const children = schema.fields.map(({ name }) => found.get(name)!)
  const type = new Struct(schema.fields)
  return new RecordBatch(schema, makeData({ type, length: rows, nullCount: 0, children }))
}

/** Takes the columns of a batch one after another. A column without a field is passed over. */
class BatchBody {
  readonly #bytes: Uint8Array
  readonly #rows: number
  /** Length and null count of each column. */
  readonly #nodes: BigInt64Array
  /** Offset and length of each buffer. */
  readonly #buffers: BigInt64Array
  #column = 0
  #buffer = 0

  constructor(bytes: Uint8Array, rows: number, header: FlatTable) {
    if (rows < 0) throw new ArrowFault(`a batch of ${rows} rows`)
    this.#bytes = bytes
    this.#rows = rows
    this.#nodes = header.words(1, 2)
    this.#buffers = header.words(2, 2)
  }

  numbers(field: Field | undefined): Data | undefined {
    const column = this.#begin(field, BUFFERS.number)
    if (column === undefined) return undefined
    const { type, nulls, first } = column
    const { BYTES_PER_ELEMENT } = type.ArrayType
    const bytes = this.#view(first + 1, this.#rows * BYTES_PER_ELEMENT)
    const data = new type.ArrayType(bytes.buffer, bytes.byteOffset, this.#rows)
    return makeData({ type, length: this.#rows, ...nulls, data })
  }

  text(field: Field | undefined): Data | undefined {
    const column = this.#begin(field, BUFFERS.text)
    if (column === undefined) return undefined
    const { type, nulls, first } = column
    const data = this.#view(first + 2)
    const valueOffsets = this.#rows === 0 ? new Int32Array(1) : this.#offsets(first + 1, data.length)
    return makeData({ type, length: this.#rows, ...nulls, valueOffsets, data })
  }

  /** Where each text begins and the last one ends: never before the one before it. */
  #offsets(buffer: number, end: number): Int32Array {
    const bytes = this.#view(buffer, 4 * (this.#rows + 1))
    const offsets = new Int32Array(bytes.buffer, bytes.byteOffset, this.#rows + 1)
    let before = 0
    for (const offset of offsets) {
      if (offset < before) throw new ArrowFault('texts overlap')
      before = offset
    }
    if (before > end) throw new ArrowFault('a text ends beyond its column')
    return offsets
  }

  #begin(field: Field | undefined, buffers: number) {
    const column = this.#column++
    const first = this.#buffer
    this.#buffer += buffers
    if (field === undefined) return undefined
    const nullCount = Number(this.#nodes[2 * column + 1])
    if (Number(this.#nodes[2 * column]) !== this.#rows || !(nullCount >= 0 && nullCount <= this.#rows)) {
      throw new ArrowFault(`column ${field.name} does not have ${this.#rows} rows`)
    }
    const nulls = {
      nullCount,
      ...(nullCount > 0 && { nullBitmap: this.#view(first, (this.#rows + 7) >> 3) }),
    }
    return { type: field.type, nulls, first }
  }

  /** The bytes of a buffer: at least `least`, of which the format has some more. */
  #view(buffer: number, least = 0): Uint8Array {
    const [offset, length] = [Number(this.#buffers[2 * buffer]), Number(this.#buffers[2 * buffer + 1])]
    if (!(offset >= 0 && length >= least && offset + length <= this.#bytes.length)) {
      throw new ArrowFault('a buffer lies outside of its batch, or is too short')
    }
    return this.#bytes.subarray(offset, offset + length)
  }
}
