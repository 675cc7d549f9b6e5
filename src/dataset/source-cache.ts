import { join } from 'node:path'
import { Field, Float64, makeData, Schema, Uint8, Uint16, Uint32, Uint64, Utf8 } from 'apache-arrow'
import { ArrowFileWriter, BATCH_ROWS, TextColumn } from '../arrow/index.js'
import { AtomicFile } from '../io/index.js'
import { imageFormatCode } from './image-format.js'

/**
 * The cache in a dataset directory: which source file each image was made from, and as what it stands in `train.rec`.
 * It holds times and absolute paths, so it is outside of `dataset.json`, its hashes and every comparison.
 */
export const SOURCE_CACHE = 'sources.arrow'

/** One source file whose image is stored. */
export interface CachedSource {
  /** Position in the folders that were packed. */
  source: number
  /** Below that folder, with `/`. */
  path: string
  /** Bytes of the file. */
  size: number
  /** When it was changed last, in milliseconds since 1970. */
  mtime: number
  /** xxHash64 of the file. */
  xxh64: bigint
  image: CachedImage
}

/** Where the image of a source file is stored. */
export interface CachedImage {
  /** False for a file that is stored as it is. */
  converted: boolean
  /** Its record in `train.rec`: where that begins, and the bytes of its payload. */
  offset: number
  length: number
  /** Pixels. */
  width: number
  height: number
  /** One of `imageFormats`. */
  format: string
  /** xxHash64 of the stored bytes. */
  xxh64: bigint
}

export const sourceCacheFields = [
  new Field('source', new Uint16()),
  new Field('path', new Utf8()),
  new Field('size', new Uint32()),
  new Field('mtime', new Float64()),
  new Field('xxh64', new Uint64()),
  new Field('converted', new Uint8()),
  new Field('offset', new Uint64()),
  new Field('length', new Uint32()),
  new Field('width', new Uint16()),
  new Field('height', new Uint16()),
  new Field('format', new Uint8()),
  new Field('stored_xxh64', new Uint64()),
]

/** What all rows of a cache have in common. */
export interface SourceCacheOrigin {
  /** Names all that decides what a file becomes: other options, another version, and the cache is of no use. */
  conversion: string
  /** Absolute paths of the folders that were packed. */
  folders: string[]
}

/** Writes the cache, one row a stored image; the files of a folder come together, by name. */
export class SourceCacheWriter {
  readonly #file: AtomicFile
  readonly #table: ArrowFileWriter
  readonly #columns = emptyColumns()
  readonly #paths = new TextColumn(BATCH_ROWS)
  #rows = 0

  private constructor(file: AtomicFile, origin: SourceCacheOrigin) {
    this.#file = file
    this.#table = new ArrowFileWriter(file, new Schema(sourceCacheFields, metadataOf(origin)))
  }

  /** @throws OutputError */
  static async create(directory: string, origin: SourceCacheOrigin): Promise<SourceCacheWriter> {
    return new SourceCacheWriter(await AtomicFile.create(join(directory, SOURCE_CACHE)), origin)
  }

  /** Appends a row, written in the background: see `ready`. */
  append({ source, path, size, mtime, xxh64, image }: CachedSource): void {
    const columns = this.#columns
    const i = this.#rows++
    columns.source[i] = source
    this.#paths.set(i, path)
    columns.size[i] = size
    columns.mtime[i] = mtime
    columns.xxh64[i] = xxh64
    columns.converted[i] = image.converted ? 1 : 0
    columns.offset[i] = BigInt(image.offset)
    columns.length[i] = image.length
    columns.width[i] = image.width
    columns.height[i] = image.height
    columns.format[i] = imageFormatCode(image.format)
    columns.stored[i] = image.xxh64
    if (this.#rows === BATCH_ROWS) this.#appendBatch()
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#table.ready()
  }

  /** Puts the file under its name. @throws OutputError */
  async finish(): Promise<void> {
    this.#appendBatch()
    await this.#table.finish()
    await this.#file.commit()
  }

  /** Drops what was written. */
  async discard(): Promise<void> {
    await this.#file.discard()
  }

  #appendBatch(): void {
    const rows = this.#rows
    const columns = this.#columns
    this.#table.append(rows, [
      makeData({ type: new Uint16(), data: columns.source.subarray(0, rows) }),
      this.#paths.data(rows),
      makeData({ type: new Uint32(), data: columns.size.subarray(0, rows) }),
      makeData({ type: new Float64(), data: columns.mtime.subarray(0, rows) }),
      makeData({ type: new Uint64(), data: columns.xxh64.subarray(0, rows) }),
      makeData({ type: new Uint8(), data: columns.converted.subarray(0, rows) }),
      makeData({ type: new Uint64(), data: columns.offset.subarray(0, rows) }),
      makeData({ type: new Uint32(), data: columns.length.subarray(0, rows) }),
      makeData({ type: new Uint16(), data: columns.width.subarray(0, rows) }),
      makeData({ type: new Uint16(), data: columns.height.subarray(0, rows) }),
      makeData({ type: new Uint8(), data: columns.format.subarray(0, rows) }),
      makeData({ type: new Uint64(), data: columns.stored.subarray(0, rows) }),
    ])
    this.#rows = 0
  }
}

function metadataOf({ conversion, folders }: SourceCacheOrigin): Map<string, string> {
  return new Map([
    ['conversion', conversion],
    ['folders', JSON.stringify(folders)],
  ])
}

function emptyColumns() {
  return {
    source: new Uint16Array(BATCH_ROWS),
    size: new Uint32Array(BATCH_ROWS),
    mtime: new Float64Array(BATCH_ROWS),
    xxh64: new BigUint64Array(BATCH_ROWS),
    converted: new Uint8Array(BATCH_ROWS),
    offset: new BigUint64Array(BATCH_ROWS),
    length: new Uint32Array(BATCH_ROWS),
    width: new Uint16Array(BATCH_ROWS),
    height: new Uint16Array(BATCH_ROWS),
    format: new Uint8Array(BATCH_ROWS),
    stored: new BigUint64Array(BATCH_ROWS),
  }
}
