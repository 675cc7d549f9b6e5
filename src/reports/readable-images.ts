import { setImmediate } from 'node:timers/promises'
import {
  type Dataset,
  imageFormatCode,
  type LostRecords,
  type RecordTable,
  type StoredImage,
  scanRecords,
  storedImage,
} from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import { xxh64 } from '../hash/xxh64.js'
import { probe } from '../image/index.js'
import { RecordReader } from '../recordio/index.js'
import type { CountedImage } from './image-tally.js'

/** Images between two turns of the event loop. */
const BATCH = 1024

/**
 * The images of a damaged `.rec` file that can be read: its index tells where they begin, so that damage keeps nobody from
 * those behind it.
 */
export class ReadableImages {
  readonly #dataset: Dataset
  readonly #reader: RecordReader
  readonly #table: RecordTable
  readonly #lost: LostRecords[]

  private constructor(dataset: Dataset, reader: RecordReader, table: RecordTable, lost: LostRecords[]) {
    this.#dataset = dataset
    this.#reader = reader
    this.#table = table
    this.#lost = lost
  }

  /** @param dataset without a manifest, or read without it @throws InputError where nothing can be read; the reason of the signal */
  static async open(dataset: Dataset, signal: AbortSignal): Promise<ReadableImages> {
    const { table, lost } = await scanRecords(dataset, signal)
    return new ReadableImages(dataset, await RecordReader.open(dataset.files.records), table, lost)
  }

  /** What cannot be read. Damage within a record that looked whole from its front is known once `batches` met it. */
  get lost(): readonly LostRecords[] {
    return this.#lost
  }

  get count(): number {
    return this.#table.count
  }

  async labels(): Promise<Int32Array> {
    return this.#table.labels
  }

  /** @throws InputError */
  async image(position: number): Promise<StoredImage> {
    const { keys, offsets, lengths } = this.#table
    const record = this.#reader.readAtSync(offsets[position]!, lengths[position]!)
    return storedImage(record, keys[position]!, this.#reader.file.path, this.#dataset.identityCount)
  }

  /** What there is to count of each, in file order. @throws the reason of the signal */
  async *batches(signal: AbortSignal): AsyncGenerator<CountedImage[]> {
    for (let first = 0; first < this.count; first += BATCH) {
      await setImmediate()
      signal.throwIfAborted()
      const images: CountedImage[] = []
      for (let position = first; position < Math.min(first + BATCH, this.count); position++) {
        const image = await this.#readOrLose(position)
        if (image !== undefined) images.push(countedImage(image))
      }
      yield images
    }
  }

  async #readOrLose(position: number): Promise<StoredImage | undefined> {
    try {
      return await this.image(position)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      const { keys, offsets } = this.#table
      const record = keys[position]!
      const end = offsets[position + 1] ?? this.#reader.file.size
      this.#lost.push({ records: 1, lastKey: record, end, fault: { ...error.fault, record } })
      return undefined
    }
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }
}

function countedImage({ label, bytes, length }: StoredImage): CountedImage {
  const { width = 0, height = 0, format = 'unknown' } = probe(bytes) ?? {}
  return { label, source: 0, width, height, format: imageFormatCode(format), length, xxh64: xxh64(bytes) }
}
