import { join, posix } from 'node:path'
import { type RecordBatch, Schema } from 'apache-arrow'
import { ArrowFileReader, BATCH_ROWS } from '../arrow/index.js'
import { imageFormats } from './image-format.js'
import { type CachedSource, SOURCE_CACHE, type SourceCacheOrigin, sourceCacheFields } from './source-cache.js'

/** The rows of one folder. */
export interface CachedFolder {
  /** The first one. */
  row: number
  rows: number
}

/** Reads the cache of a dataset directory. */
export class SourceCacheReader {
  readonly origin: SourceCacheOrigin
  readonly #file: ArrowFileReader
  #batch: { index: number; rows: CacheRows } | undefined

  private constructor(file: ArrowFileReader) {
    this.#file = file
    this.origin = {
      conversion: file.metadata.get('conversion') ?? '',
      folders: JSON.parse(file.metadata.get('folders') ?? '[]'),
    }
  }

  /** @throws InputError where there is none, or one of another version */
  static async open(directory: string): Promise<SourceCacheReader> {
    const path = join(directory, SOURCE_CACHE)
    return new SourceCacheReader(await ArrowFileReader.open(path, new Schema(sourceCacheFields)))
  }

  /** The rows of each folder, by its absolute path. @throws InputError */
  async folders(): Promise<Map<string, CachedFolder>> {
    const found = new Map<string, CachedFolder>()
    let folder: CachedFolder = { row: 0, rows: 0 }
    let source = -1
    let text: Uint8Array = new Uint8Array(0)
    for (let index = 0; index < this.#file.batches; index++) {
      const rows = await this.#rowsOf(index)
      for (let i = 0; i < rows.count; i++) {
        const another = rows.folder(i)
        if (rows.source(i) === source && Buffer.compare(text, another) === 0) folder.rows++
        else {
          text = another
          source = rows.source(i)
          folder = { row: index * BATCH_ROWS + i, rows: 1 }
          found.set(join(this.origin.folders[source] ?? '', Buffer.from(text).toString('utf8')), folder)
        }
      }
    }
    return found
  }

  /** The files of one folder, by name. @throws InputError */
  async sources({ row, rows }: CachedFolder): Promise<Map<string, CachedSource>> {
    const found = new Map<string, CachedSource>()
    for (let at = row; at < row + rows; at++) {
      const batch = await this.#rowsOf(Math.floor(at / BATCH_ROWS))
      const source = batch.at(at % BATCH_ROWS)
      found.set(posix.basename(source.path), source)
    }
    return found
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #rowsOf(index: number): Promise<CacheRows> {
    if (this.#batch?.index !== index) {
      this.#batch = { index, rows: new CacheRows(await this.#file.batch(index)) }
    }
    return this.#batch.rows
  }
}

const SLASH = 0x2f

/** Rows of one batch. */
class CacheRows {
  readonly count: number
  readonly #columns: ReturnType<typeof columnsOf>

  constructor(batch: RecordBatch) {
    this.count = batch.numRows
    this.#columns = columnsOf(batch)
  }

  source(row: number): number {
    return this.#columns.source[row]!
  }

  /** The path of a row without its last name, in UTF-8. */
  folder(row: number): Uint8Array {
    const { paths, pathEnds } = this.#columns
    const start = pathEnds[row]!
    let end = pathEnds[row + 1]!
    while (end > start && paths[end - 1] !== SLASH) end--
    return paths.subarray(start, Math.max(start, end - 1))
  }

  at(row: number): CachedSource {
    const { paths, pathEnds, source, size, mtime, xxh64, stored, ...image } = this.#columns
    return {
      source: source[row]!,
      path: paths.toString('utf8', pathEnds[row], pathEnds[row + 1]),
      size: size[row]!,
      mtime: mtime[row]!,
      xxh64: xxh64[row]!,
      image: {
        converted: image.converted[row] === 1,
        offset: Number(image.offset[row]),
        length: image.length[row]!,
        width: image.width[row]!,
        height: image.height[row]!,
        format: imageFormats[image.format[row]!] ?? 'unknown',
        xxh64: stored[row]!,
      },
    }
  }
}

function columnsOf(batch: RecordBatch) {
  const values = <T>(name: string): T => batch.getChild(name)!.data[0]!.values as T
  const { valueOffsets, values: text } = batch.getChild('path')!.data[0]!
  return {
    source: values<Uint16Array>('source'),
    paths: Buffer.from(text.buffer, text.byteOffset, text.byteLength),
    pathEnds: valueOffsets as Int32Array,
    size: values<Uint32Array>('size'),
    mtime: values<Float64Array>('mtime'),
    xxh64: values<BigUint64Array>('xxh64'),
    converted: values<Uint8Array>('converted'),
    offset: values<BigUint64Array>('offset'),
    length: values<Uint32Array>('length'),
    width: values<Uint16Array>('width'),
    height: values<Uint16Array>('height'),
    format: values<Uint8Array>('format'),
    stored: values<BigUint64Array>('stored_xxh64'),
  }
}
