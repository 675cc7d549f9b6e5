import { type FileHandle, open } from 'node:fs/promises'
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
  const file = await ArrowFileReader.open(path, schema)
  try {
    for (let i = 0; i < file.batches; i++) yield await file.batch(i)
  } finally {
    await file.close()
  }
}

/** An Arrow IPC file, of which each batch can be read by itself: all but the last one have `BATCH_ROWS` rows if it is ours. */
export class ArrowFileReader {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #reader: RecordBatchReader

  private constructor(path: string, handle: FileHandle, reader: RecordBatchReader) {
    this.#path = path
    this.#handle = handle
    this.#reader = reader
  }

  /** @throws InputError where it is no Arrow file or lacks a column of the schema */
  static async open(path: string, schema: Schema): Promise<ArrowFileReader> {
    const handle = await open(path, 'r').catch((error: unknown) => {
      throw inputErrorFrom(error, path)
    })
    try {
      const reader = await RecordBatchReader.from(handle)
      await reader.open()
      checkColumns(path, schema, reader.schema)
      return new ArrowFileReader(path, handle, reader)
    } catch (error) {
      await handle.close()
      throw notReadable(error, path)
    }
  }

  get batches(): number {
    return this.#reader.numRecordBatches
  }

  /** Key and value texts of the schema. */
  get metadata(): Map<string, string> {
    return this.#reader.schema.metadata
  }

  /** @throws InputError */
  async batch(index: number): Promise<RecordBatch> {
    try {
      const batch = await this.#reader.readRecordBatch(index)
      if (batch === null) throw new Error(`it holds no batch ${index}`)
      return batch
    } catch (error) {
      throw notReadable(error, this.#path)
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function notReadable(error: unknown, file: string): InputError {
  if (error instanceof InputError) return error
  const problem = `not a readable Arrow file: ${(error as Error).message}`
  return new InputError({ file, problem, fix: 'Copy the dataset again.' }, { cause: error })
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
