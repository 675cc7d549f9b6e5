import type { RecordBatch, Schema } from 'apache-arrow'
import { InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'
import { decodeBatch } from './batch.js'
import { columnPlaces, kindOf, readBatchMessage } from './batch-message.js'
import { type ArrowColumn, ArrowFault, type ArrowFooter, readFooter } from './footer.js'

/** The batches of an Arrow IPC file. @throws InputError where it is none or lacks a column of the schema */
export async function* readArrowFile(
  path: string,
  schema: Schema | ((columns: ArrowColumn[]) => Schema),
): AsyncGenerator<RecordBatch> {
  const file = await ArrowFileReader.open(path, schema)
  try {
    for (let i = 0; i < file.batches; i++) yield await file.batch(i)
  } finally {
    await file.close()
  }
}

/**
 * An Arrow IPC file, of which each batch can be read by itself: all but the last one have `BATCH_ROWS` rows if it is
 * ours. It is read here and not by apache-arrow, which takes what memory and time a damaged file asks for.
 */
export class ArrowFileReader {
  readonly #file: InputFile
  readonly #footer: ArrowFooter
  readonly #schema: Schema

  private constructor(file: InputFile, footer: ArrowFooter, schema: Schema) {
    this.#file = file
    this.#footer = footer
    this.#schema = schema
  }

  /**
   * @param schema what is wanted, or what is made of the columns that are there
   * @throws InputError where it is no Arrow file or lacks a column of the schema
   */
  static async open(
    path: string,
    schema: Schema | ((columns: ArrowColumn[]) => Schema),
  ): Promise<ArrowFileReader> {
    const file = await InputFile.open(path)
    try {
      const footer = await readFooter(file)
      const wanted = typeof schema === 'function' ? schema(footer.columns) : schema
      checkColumns(path, wanted, footer.columns)
      return new ArrowFileReader(file, footer, wanted)
    } catch (error) {
      await file.close()
      throw notReadable(error, path)
    }
  }

  get batches(): number {
    return this.#footer.batches.length
  }

  /** Key and value texts of the schema. */
  get metadata(): Map<string, string> {
    return this.#footer.metadata
  }

  /** The columns of the schema, by its order. @param index below `batches` @throws InputError */
  async batch(index: number): Promise<RecordBatch> {
    const { offset, metadataBytes, bodyBytes } = this.#footer.batches[index]!
    try {
      const bytes = await this.#file.readExactly(offset, metadataBytes + bodyBytes)
      return decodeBatch(bytes, metadataBytes, this.#footer.columns, this.#schema)
    } catch (error) {
      throw notReadable(error, this.#file.path)
    }
  }

  /**
   * Where the values of a column of numbers, or of lists of them, stand in the file, so that some of them can be read
   * without the rest of the batch. @throws InputError
   */
  async valuesOf(index: number, column: string): Promise<ColumnValues> {
    const { offset, metadataBytes, bodyBytes } = this.#footer.batches[index]!
    const { columns } = this.#footer
    try {
      const position = columns.findIndex(({ name }) => name === column)
      const found = columns[position]
      if (found === undefined || kindOf(found) === 'text')
        throw new ArrowFault(`no numbers in column ${column}`)
      const { rows, buffers } = readBatchMessage(await this.#file.readExactly(offset, metadataBytes))
      // Validity stands first; the numbers of a list have one of their own.
      const buffer = columnPlaces(columns)[position]!.buffer + (found.listSize === undefined ? 1 : 2)
      const [start, bytes] = [Number(buffers[2 * buffer]), Number(buffers[2 * buffer + 1])]
      if (!(start >= 0 && bytes >= 0 && start + bytes <= bodyBytes))
        throw new ArrowFault('a buffer lies outside of its batch')
      return { rows, offset: offset + metadataBytes + start, bytes }
    } catch (error) {
      throw notReadable(error, this.#file.path)
    }
  }

  /** The file itself, for what `valuesOf` tells of. */
  get file(): InputFile {
    return this.#file
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** Place in the file, and rows, of the values of a column in one batch. */
export interface ColumnValues {
  rows: number
  offset: number
  bytes: number
}

function notReadable(error: unknown, file: string): unknown {
  if (!(error instanceof ArrowFault || error instanceof RangeError)) return error
  const problem = `not a readable Arrow file: ${error.message}`
  return new InputError({ file, problem, fix: 'Copy the dataset again.' }, { cause: error })
}

function checkColumns(path: string, wanted: Schema, found: ArrowColumn[]): void {
  for (const field of wanted.fields) {
    const other = found.find(({ name }) => name === field.name)
    if (other?.type === String(field.type)) continue
    throw new InputError({
      file: path,
      problem: `column ${field.name} is missing or of another type`,
      expected: String(field.type),
      actual: other?.type ?? 'no such column',
      fix: 'Copy the dataset again.',
    })
  }
}
