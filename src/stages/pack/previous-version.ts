import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CachedFolder,
  type CachedSource,
  readImageSync,
  SourceCacheReader,
} from '../../dataset/index.js'
import { xxh64 } from '../../hash/xxh64.js'
import type { Log } from '../../progress/progress.js'
import type { PackedImage } from './convert.js'

/** The version of the dataset that is replaced: images whose files did not change are taken over from it. */
export class PreviousVersion {
  readonly #records: string
  readonly #descriptor: number
  readonly #cache: SourceCacheReader
  readonly #log: Log
  #broken = false

  private constructor(records: string, descriptor: number, cache: SourceCacheReader, log: Log) {
    this.#records = records
    this.#descriptor = descriptor
    this.#cache = cache
    this.#log = log
  }

  /** Undefined where it can no longer be read, which is told: all files are then read again. */
  static async open(directory: string, log: Log): Promise<PreviousVersion | undefined> {
    const records = join(directory, 'train.rec')
    try {
      const cache = await SourceCacheReader.open(directory)
      return new PreviousVersion(records, openSync(records, 'r'), cache, log)
    } catch (error) {
      log.warn(`nothing is taken over from the version before: ${(error as Error).message}`)
      return undefined
    }
  }

  /** What the cache says of the files of a folder, by name. */
  async sources(folder: CachedFolder): Promise<Map<string, CachedSource>> {
    if (this.#broken) return new Map()
    try {
      return await this.#cache.sources(folder)
    } catch (error) {
      this.#broken = true
      this.#log.warn(`nothing more is taken over from the version before: ${(error as Error).message}`)
      return new Map()
    }
  }

  /** The stored image of a file, or undefined where its record is not what the cache says. */
  imageOf({ path, image }: CachedSource): PackedImage | undefined {
    const { offset, length, width, height, format } = image
    try {
      const bytes = readImageSync(this.#descriptor, this.#records, offset, length)
      if (xxh64(bytes) === image.xxh64) return { bytes, width, height, format }
    } catch {
      // Whatever is wrong with the record: the file is there to be read.
    }
    this.#log.warn(`${path} is read again: its record at offset ${offset} of ${this.#records} is damaged`)
    return undefined
  }

  async close(): Promise<void> {
    closeSync(this.#descriptor)
    await this.#cache.close()
  }
}
