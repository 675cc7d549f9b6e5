import { Field, Int32, makeData, Schema, Uint8, Uint16, Uint32, Uint64, Utf8 } from 'apache-arrow'
import { ArrowFileWriter, BATCH_ROWS, readArrowFile, TextColumn } from '../arrow/index.js'
import type { ByteSink } from '../io/index.js'

/** Sides have 16 bits. */
const LARGEST_SIDE = 0xffff

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
  for await (const batch of readArrowFile(path, manifestSchema)) {
    const values = <T>(name: string): T => batch.getChild(name)!.data[0]!.values as T
    const { valueOffsets, values: text } = batch.getChild('path')!.data[0]!
    const paths = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
    yield {
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
