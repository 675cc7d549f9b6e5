import { Field, Schema, Uint64 } from 'apache-arrow'
import { ArrowFileReader, type ColumnValues } from '../arrow/index.js'
import { InputError } from '../errors/index.js'
import { EMBEDDING, embeddingSizeOf, HASH, vectorType } from './embeddings-schema.js'

/** An Arrow file of image hashes and their vectors, of which rows are read alone: it may be larger than memory. */
export class VectorFile {
  readonly path: string
  readonly rows: number
  /** Numbers of a vector. */
  readonly size: number
  readonly metadata: Map<string, string>
  readonly #file: ArrowFileReader
  /** First row of each batch, and the number of rows. */
  readonly #starts: number[]
  readonly #vectors: ColumnValues[]

  private constructor(path: string, size: number, file: ArrowFileReader, vectors: ColumnValues[]) {
    this.path = path
    this.size = size
    this.metadata = file.metadata
    this.#file = file
    this.#vectors = vectors
    this.#starts = [0]
    for (const { rows } of vectors) this.#starts.push(this.#starts.at(-1)! + rows)
    this.rows = this.#starts.at(-1)!
  }

  /** @throws InputError where it is no file of embeddings */
  static async open(path: string): Promise<VectorFile> {
    let size = 0
    const file = await ArrowFileReader.open(path, (columns) => {
      size = embeddingSizeOf(columns)
      return new Schema([new Field(HASH, new Uint64()), new Field(EMBEDDING, vectorType(size || 1))])
    })
    try {
      const vectors: ColumnValues[] = []
      for (let batch = 0; batch < file.batches; batch++) {
        vectors.push(wholeRows(await file.valuesOf(batch, EMBEDDING), 4 * size, path))
      }
      return new VectorFile(path, size, file, vectors)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Hashes of the images, some rows at a time. @throws InputError */
  async *hashes(): AsyncGenerator<BigUint64Array> {
    for (let batch = 0; batch < this.#file.batches; batch++) {
      const { rows, offset } = wholeRows(await this.#file.valuesOf(batch, HASH), 8, this.path)
      yield new BigUint64Array((await this.#file.file.readExactly(offset, 8 * rows)).buffer)
    }
  }

  /**
   * Reads vectors from `row` on into the front of `target`, as many as `most` allows and stand together.
   * @returns how many, one at least @throws InputError
   */
  read(row: number, most: number, target: Float32Array): number {
    const batch = this.#batchOf(row)
    const count = Math.min(most, this.#starts[batch + 1]! - row)
    const bytes = new Uint8Array(target.buffer, target.byteOffset, 4 * count * this.size)
    const offset = this.#vectors[batch]!.offset + 4 * this.size * (row - this.#starts[batch]!)
    this.#file.file.readSync(bytes, offset)
    return count
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #batchOf(row: number): number {
    let low = 0
    let high = this.#vectors.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= row) low = middle
      else high = middle - 1
    }
    return low
  }
}

function wholeRows(values: ColumnValues, bytesPerRow: number, file: string): ColumnValues {
  if (values.bytes >= values.rows * bytesPerRow) return values
  throw new InputError({
    file,
    problem: 'not a readable Arrow file: a buffer is too short',
    expected: `${values.rows * bytesPerRow} bytes`,
    actual: values.bytes,
  })
}
