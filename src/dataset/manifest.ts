import {
  Field,
  Int32,
  makeData,
  type RecordBatch,
  Schema,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow'
import { ArrowFileReader, ArrowFileWriter, BATCH_ROWS, readArrowFile, TextColumn } from '../arrow/index.js'
import { InputError } from '../errors/index.js'
import type { ByteSink } from '../io/index.js'

/** Sides have 16 bits. */
const LARGEST_SIDE = 0xffff

/** Batches of rows that stay in memory when some rows are read at a time. */
const KEPT_BATCHES = 2

/** One image of a manifest. */
export interface ManifestRow {
  key: number
  label: number
  /** Position in the `sources` of `dataset.json`. */
  source: number
  /** Path of the image in its source, with `/`. */
  path: string
  /** Where the record begins in `train.rec`. */
  offset: number
  /** Payload bytes of the record: image header, labels and image. */
  length: number
  /** Pixels; 65,535 stands for all above too. */
  width: number
  height: number
  /** See `imageFormats`. */
  format: number
  /** xxHash64 of the image bytes. */
  xxh64: bigint
}

/** Columns of `manifest.arrow`: one row an image, in file order. */
const manifestSchema = new Schema([
  new Field('key', new Uint32()),
  new Field('label', new Int32()),
  new Field('source', new Uint16()),
  new Field('path', new Utf8()),
  new Field('offset', new Uint64()),
  new Field('length', new Uint32()),
  new Field('width', new Uint16()),
  new Field('height', new Uint16()),
  new Field('format', new Uint8()),
  new Field('xxh64', new Uint64()),
])

/** Typed columns of some rows. `paths[i]` is decoded when it is asked for. */
export interface ManifestBatch {
  rows: number
  keys: Uint32Array
  labels: Int32Array
  sources: Uint16Array
  path(row: number): string
  offsets: BigUint64Array
  lengths: Uint32Array
  widths: Uint16Array
  heights: Uint16Array
  formats: Uint8Array
  hashes: BigUint64Array
}

/** Writes `manifest.arrow`, holding one batch of rows. */
export class ManifestWriter {
  readonly #file: ArrowFileWriter
  readonly #columns = emptyColumns()
  readonly #paths = new TextColumn(BATCH_ROWS)
  #rows = 0

  constructor(sink: ByteSink) {
    this.#file = new ArrowFileWriter(sink, manifestSchema)
  }

  /** Appends a row. Written in the background: see `ready`. */
  append(row: ManifestRow): void {
    const columns = this.#columns
    const i = this.#rows++
    columns.key[i] = row.key
    columns.label[i] = row.label
    columns.source[i] = row.source
    this.#paths.set(i, row.path)
    columns.offset[i] = BigInt(row.offset)
    columns.length[i] = row.length
    columns.width[i] = Math.min(row.width, LARGEST_SIDE)
    columns.height[i] = Math.min(row.height, LARGEST_SIDE)
    columns.format[i] = row.format
    columns.xxh64[i] = row.xxh64
    if (this.#rows === BATCH_ROWS) this.#appendBatch()
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
    const columns = this.#columns
    this.#file.append(rows, [
      makeData({ type: new Uint32(), data: columns.key.subarray(0, rows) }),
      makeData({ type: new Int32(), data: columns.label.subarray(0, rows) }),
      makeData({ type: new Uint16(), data: columns.source.subarray(0, rows) }),
      this.#paths.data(rows),
      makeData({ type: new Uint64(), data: columns.offset.subarray(0, rows) }),
      makeData({ type: new Uint32(), data: columns.length.subarray(0, rows) }),
      makeData({ type: new Uint16(), data: columns.width.subarray(0, rows) }),
      makeData({ type: new Uint16(), data: columns.height.subarray(0, rows) }),
      makeData({ type: new Uint8(), data: columns.format.subarray(0, rows) }),
      makeData({ type: new Uint64(), data: columns.xxh64.subarray(0, rows) }),
    ])
    this.#rows = 0
  }
}

/** Streams a manifest. @throws InputError */
export async function* readManifest(path: string): AsyncGenerator<ManifestBatch> {
  for await (const batch of readArrowFile(path, manifestSchema)) yield columnsOf(batch)
}

/** A manifest that is held open, of which some rows are read at a time. Memory: two batches of rows. */
export class ManifestRows {
  readonly #file: ArrowFileReader
  /** By their numbers, the one that was asked for last behind. */
  readonly #batches = new Map<number, ManifestBatch>()

  private constructor(file: ArrowFileReader) {
    this.#file = file
  }

  /** @throws InputError where it is no manifest */
  static async open(path: string): Promise<ManifestRows> {
    return new ManifestRows(await ArrowFileReader.open(path, manifestSchema))
  }

  /** Rows by their positions, in any order. @throws InputError where there is no such row */
  async rows(positions: ArrayLike<number>): Promise<ManifestRow[]> {
    const rows = new Array<ManifestRow>(positions.length)
    const order = Array.from(positions, (_, i) => i).sort((a, b) => positions[a]! - positions[b]!)
    for (const i of order) rows[i] = await this.#row(positions[i]!)
    return rows
  }

  /** The xxh64 of images by their positions, best in ascending order. @throws InputError where there is no such row */
  async hashes(positions: ArrayLike<number>): Promise<BigUint64Array> {
    const hashes = new BigUint64Array(positions.length)
    for (let i = 0; i < positions.length; i++) {
      const { batch, row } = await this.#place(positions[i]!)
      hashes[i] = batch.hashes[row]!
    }
    return hashes
  }

  /** All rows in order, a batch at a time. @throws InputError */
  async *batches(): AsyncGenerator<ManifestBatch> {
    for (let number = 0; number < this.#file.batches; number++)
      yield columnsOf(await this.#file.batch(number))
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #place(position: number): Promise<{ batch: ManifestBatch; row: number }> {
    const number = Math.floor(position / BATCH_ROWS)
    const batch = number < this.#file.batches ? await this.#batch(number) : undefined
    const row = position - number * BATCH_ROWS
    if (batch === undefined || row >= batch.rows) {
      throw new InputError({
        file: this.#file.file.path,
        problem: `the manifest has no row ${position}`,
        fix: 'Copy the dataset again.',
      })
    }
    return { batch, row }
  }

  async #row(position: number): Promise<ManifestRow> {
    const { batch, row } = await this.#place(position)
    return {
      key: batch.keys[row]!,
      label: batch.labels[row]!,
      source: batch.sources[row]!,
      path: batch.path(row),
      offset: Number(batch.offsets[row]!),
      length: batch.lengths[row]!,
      width: batch.widths[row]!,
      height: batch.heights[row]!,
      format: batch.formats[row]!,
      xxh64: batch.hashes[row]!,
    }
  }

  async #batch(number: number): Promise<ManifestBatch> {
    const kept = this.#batches.get(number)
    this.#batches.delete(number)
    const batch = kept ?? columnsOf(await this.#file.batch(number))
    this.#batches.set(number, batch)
    if (this.#batches.size > KEPT_BATCHES) this.#batches.delete(this.#batches.keys().next().value!)
    return batch
  }
}

function columnsOf(batch: RecordBatch): ManifestBatch {
  const values = <T>(name: string): T => batch.getChild(name)!.data[0]!.values as T
  const { valueOffsets, values: text } = batch.getChild('path')!.data[0]!
  const paths = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  return {
    rows: batch.numRows,
    keys: values('key'),
    labels: values('label'),
    sources: values('source'),
    path: (row) => paths.toString('utf8', valueOffsets[row], valueOffsets[row + 1]),
    offsets: values('offset'),
    lengths: values('length'),
    widths: values('width'),
    heights: values('height'),
    formats: values('format'),
    hashes: values('xxh64'),
  }
}

function emptyColumns() {
  return {
    key: new Uint32Array(BATCH_ROWS),
    label: new Int32Array(BATCH_ROWS),
    source: new Uint16Array(BATCH_ROWS),
    offset: new BigUint64Array(BATCH_ROWS),
    length: new Uint32Array(BATCH_ROWS),
    width: new Uint16Array(BATCH_ROWS),
    height: new Uint16Array(BATCH_ROWS),
    format: new Uint8Array(BATCH_ROWS),
    xxh64: new BigUint64Array(BATCH_ROWS),
  }
}
