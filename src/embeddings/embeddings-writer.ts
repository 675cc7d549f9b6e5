import { type Data, Int32, makeData, Uint32, Uint64, Utf8 } from 'apache-arrow'
import { ArrowFileWriter, TextColumn } from '../arrow/index.js'
import type { ByteSink } from '../io/index.js'
import { modelNotes } from './embedding-cache.js'
import type { EmbeddingModel } from './embedding-model.js'
import { describedSchema, embeddingsFields } from './embeddings-schema.js'
import type { SourceImage } from './image-source.js'
import { vectorData } from './vector-data.js'

/** Rows of one record batch: 8 MB of 512 numbers each. */
const ROWS = 4096

/** What an embeddings file says of all its rows. @param source name of what the images come from */
export function embeddingNotes(model: EmbeddingModel, source: string): Record<string, string> {
  return { ...modelNotes(model), flip: 'false', source }
}

/** What stands in a row beside the embedding. */
export type EmbeddedImage = Omit<SourceImage, 'bytes'>

/**
 * Writes an embeddings file, an Arrow IPC file of one row an image: key u32, label i32, identity utf8 (null where there
 * is no name), path utf8, xxh64 u64 of the image bytes, embedding float32[size] as the model gives it, not normalised.
 * Its metadata name the model, its hash and how pixels entered it, and the source. It holds one batch in memory.
 */
export class EmbeddingsWriter {
  readonly #file: ArrowFileWriter
  readonly #size: number
  readonly #keys = new Uint32Array(ROWS)
  readonly #labels = new Int32Array(ROWS)
  readonly #identities = new TextColumn(ROWS)
  readonly #named = new Uint8Array(ROWS)
  readonly #paths = new TextColumn(ROWS)
  readonly #hashes = new BigUint64Array(ROWS)
  readonly #values: Float32Array
  #rows = 0

  /** @param size numbers of a vector @param notes see `embeddingNotes` */
  constructor(sink: ByteSink, size: number, notes: Record<string, string>) {
    this.#size = size
    this.#values = new Float32Array(ROWS * size)
    this.#file = new ArrowFileWriter(sink, describedSchema(embeddingsFields(this.#size), notes))
  }

  /** Appends a row. Written in the background: see `ready`. */
  append(image: EmbeddedImage, vector: Float32Array): void {
    const i = this.#rows++
    this.#keys[i] = image.key
    this.#labels[i] = image.label
    this.#identities.set(i, image.identity ?? '')
    this.#named[i] = image.identity === undefined ? 0 : 1
    this.#paths.set(i, image.path)
    this.#hashes[i] = image.xxh64
    this.#values.set(vector, i * this.#size)
    if (this.#rows === ROWS) this.#appendBatch()
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#file.ready()
  }

  /** @throws OutputError */
  async finish(): Promise<void> {
    this.#appendBatch()
    await this.#file.finish()
  }

  #appendBatch(): void {
    const rows = this.#rows
    this.#file.append(rows, [
      makeData({ type: new Uint32(), data: this.#keys.subarray(0, rows) }),
      makeData({ type: new Int32(), data: this.#labels.subarray(0, rows) }),
      this.#names(rows),
      this.#paths.data(rows),
      makeData({ type: new Uint64(), data: this.#hashes.subarray(0, rows) }),
      vectorData(this.#values.subarray(0, rows * this.#size), this.#size),
    ])
    this.#rows = 0
  }

  #names(rows: number): Data<Utf8> {
    const named = this.#named.subarray(0, rows)
    const nullCount = rows - named.reduce((sum, present) => sum + present, 0)
    const names = this.#identities.data(rows)
    if (nullCount === 0) return names
    const nullBitmap = new Uint8Array((rows + 7) >> 3)
    for (const [i, present] of named.entries()) nullBitmap[i >> 3]! |= present << (i & 7)
    const { valueOffsets, values } = names
    return makeData({ type: new Utf8(), length: rows, nullCount, nullBitmap, valueOffsets, data: values })
  }
}
