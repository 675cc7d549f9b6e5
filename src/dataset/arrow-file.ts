import { open } from 'node:fs/promises'
import {
  type Data,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchReader,
  type Schema,
  Struct,
} from 'apache-arrow'
import { InputError } from '../errors/index.js'
import { BlockWriter, type ByteSink, inputErrorFrom } from '../io/index.js'

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

/** The batches of an Arrow IPC file. @throws InputError where it is none or lacks a column of the schema */
export async function* readArrowFile(path: string, schema: Schema): AsyncGenerator<RecordBatch> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw inputErrorFrom(error, path)
  })
  try {
    const reader = await RecordBatchReader.from(handle)
    await reader.open()
    checkColumns(path, schema, reader.schema)
    for await (const batch of reader) yield batch
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(
      {
        file: path,
        problem: `not a readable Arrow file: ${(error as Error).message}`,
        fix: 'Copy the dataset again.',
      },
      { cause: error },
    )
  } finally {
    await handle.close()
  }
}

function checkColumns(path: string, wanted: Schema, found: Schema): void {
  for (const field of wanted.fields) {
    const other = found.fields.find(({ name }) => name === field.name)
    if (other === undefined || String(other.type) !== String(field.type)) {
      throw new InputError({
        file: path,
        problem: `column ${field.name} is missing or of another type`,
        expected: String(field.type),
        actual: other === undefined ? 'no such column' : String(other.type),
      })
    }
  }
}
