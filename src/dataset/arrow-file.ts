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
import { inputErrorFrom } from '../io/index.js'
import type { ByteSink } from '../recordio/index.js'

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
  readonly #sink: ByteSink
  readonly #schema: Schema
  readonly #encoder = new BatchEncoder()

  constructor(sink: ByteSink, schema: Schema) {
    this.#sink = sink
    this.#schema = schema
  }

  /** One batch, its columns in the order of the schema. @throws OutputError */
  async write(rows: number, columns: Data[]): Promise<void> {
    const children = makeData({
      type: new Struct(this.#schema.fields),
      length: rows,
      nullCount: 0,
      children: columns,
    })
    this.#encoder.write(new RecordBatch(this.#schema, children))
    await this.#takePieces()
  }

  /** Writes the footer. @throws OutputError */
  async finish(): Promise<void> {
    this.#encoder.finish()
    await this.#takePieces()
  }

  async #takePieces(): Promise<void> {
    const { pieces } = this.#encoder
    this.#encoder.pieces = []
    await this.#sink.write(...pieces)
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
