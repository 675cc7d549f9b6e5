import {
  type Data,
  type Field,
  type FixedSizeList,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
} from 'apache-arrow'
import {
  type BatchMessage,
  type ColumnPlace,
  columnPlaces,
  kindOf,
  readBatchMessage,
} from './batch-message.js'
import { type ArrowColumn, ArrowFault } from './footer.js'

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
  const message = readBatchMessage(bytes.subarray(0, metadataBytes))
  const body = new BatchBody(bytes.subarray(metadataBytes), message)
  const places = columnPlaces(columns)
  const found = new Map<string, Data>()
  for (const [i, column] of columns.entries()) {
    const field = schema.fields.find(({ name }) => name === column.name)
    if (field !== undefined) found.set(column.name, body[kindOf(column)](field, places[i]!))
  }
  const children = schema.fields.map(({ name }) => found.get(name)!)
  const type = new Struct(schema.fields)
  const { rows } = message
  return new RecordBatch(schema, makeData({ type, length: rows, nullCount: 0, children }))
}

/** The columns of a batch, by their places. */
class BatchBody {
  readonly #bytes: Uint8Array
  readonly #message: BatchMessage

  constructor(bytes: Uint8Array, message: BatchMessage) {
    this.#bytes = bytes
    this.#message = message
  }

  number({ type, name }: Field, place: ColumnPlace): Data {
    const length = this.#message.rows
    return makeData({
      type,
      length,
      ...this.#nulls(name, place, length),
      data: this.#array(type, place, length),
    })
  }

  text({ type, name }: Field, place: ColumnPlace): Data {
    const length = this.#message.rows
    const nulls = this.#nulls(name, place, length)
    const data = this.#view(place.buffer + 2)
    const valueOffsets = length === 0 ? new Int32Array(1) : this.#offsets(place.buffer + 1, data.length)
    return makeData({ type, length, ...nulls, valueOffsets, data })
  }

  list({ type, name }: Field, place: ColumnPlace): Data {
    const length = this.#message.rows
    const { listSize, children } = type as FixedSizeList
    const items = { node: place.node + 1, buffer: place.buffer + 1 }
    const numbers = length * listSize
    const child = makeData({
      type: children[0]!.type,
      length: numbers,
      ...this.#nulls(name, items, numbers),
      data: this.#array(children[0]!.type, items, numbers),
    })
    return makeData({ type: type as FixedSizeList, length, ...this.#nulls(name, place, length), child })
  }

  #array(type: Field['type'], place: ColumnPlace, length: number) {
    const bytes = this.#view(place.buffer + 1, length * type.ArrayType.BYTES_PER_ELEMENT)
    return new type.ArrayType(bytes.buffer, bytes.byteOffset, length)
  }

  /** Where each text begins and the last one ends: never before the one before it. */
  #offsets(buffer: number, end: number): Int32Array {
    const { rows } = this.#message
    const bytes = this.#view(buffer, 4 * (rows + 1))
    const offsets = new Int32Array(bytes.buffer, bytes.byteOffset, rows + 1)
    let before = 0
    for (const offset of offsets) {
      if (offset < before) throw new ArrowFault('texts overlap')
      before = offset
    }
    if (before > end) throw new ArrowFault('a text ends beyond its column')
    return offsets
  }

  #nulls(name: string, { node, buffer }: ColumnPlace, length: number) {
    const nullCount = Number(this.#message.nodes[2 * node + 1])
    if (Number(this.#message.nodes[2 * node]) !== length || !(nullCount >= 0 && nullCount <= length)) {
      throw new ArrowFault(`column ${name} does not have ${length} rows`)
    }
    return { nullCount, ...(nullCount > 0 && { nullBitmap: this.#view(buffer, (length + 7) >> 3) }) }
  }

  /** The bytes of a buffer: at least `least`, of which the format has some more. */
  #view(buffer: number, least = 0): Uint8Array {
    const [offset, length] = [
      Number(this.#message.buffers[2 * buffer]),
      Number(this.#message.buffers[2 * buffer + 1]),
    ]
    if (!(offset >= 0 && length >= least && offset + length <= this.#bytes.length)) {
      throw new ArrowFault('a buffer lies outside of its batch, or is too short')
    }
    return this.#bytes.subarray(offset, offset + length)
  }
}
