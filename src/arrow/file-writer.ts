import { type Data, makeData, RecordBatch, RecordBatchFileWriter, type Schema, Struct } from 'apache-arrow'
import { BlockWriter, type ByteSink } from '../io/index.js'

/** Rows of one record batch: some megabytes. */
export const BATCH_ROWS = 65_536

/** The library's writer, its bytes taken batch by batch in place of its unbounded queue. */
class BatchEncoder extends RecordBatchFileWriter {
  pieces: Uint8Array[] = []

  protected override _write(chunk: Uint8Array | ArrayBufferView): this {
    if (!this._started) return this
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (bytes.length > 0) this.pieces.push(bytes)
    this._position += bytes.length
    return this
  }
}

/** Writes an Arrow IPC file (the format that pandas, polars and pyarrow map into memory) batch by batch. */
export class ArrowFileWriter {
  readonly #output: BlockWriter
  readonly #schema: Schema
  readonly #encoder = new BatchEncoder()

  constructor(sink: ByteSink, schema: Schema) {
    this.#output = new BlockWriter(sink)
    this.#schema = schema
  }

  /** Appends a batch, its columns in the order of the schema. Written in the background: see `ready`. */
  append(rows: number, columns: Data[]): void {
    const children = makeData({
      type: new Struct(this.#schema.fields),
      length: rows,
      nullCount: 0,
      children: columns,
    })
    this.#encoder.write(new RecordBatch(this.#schema, children))
    this.#takePieces()
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#output.ready()
  }

  /** Writes the footer and waits until everything is with the sink. @throws OutputError */
  async finish(): Promise<void> {
    this.#encoder.finish()
    this.#takePieces()
    await this.#output.flush()
  }

  /** Copies what the encoder gave out: pieces may be views of the columns, which are filled again. */
  #takePieces(): void {
    for (const piece of this.#encoder.pieces) this.#output.append(piece)
    this.#encoder.pieces = []
  }
}
