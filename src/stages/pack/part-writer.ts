import { join } from 'node:path'
import { xxh64 } from '../../hash/xxh64.js'
import { BlockWriter } from '../../io/index.js'
import type { ShardResult } from '../stage.js'
import type { Outcome } from './convert.js'
import { PartFile } from './part-file.js'
import { PartIndex } from './part-index.js'
import { PartSources } from './part-sources.js'
import type { FileState } from './source-file.js'

/** Files of a shard's part, relative to the scratch folder. */
export function partFiles(shard: number): { records: string; index: string; sources: string } {
  return {
    records: `part-${shard}.records`,
    index: `part-${shard}.index`,
    sources: `part-${shard}.sources`,
  }
}

/** Where a file belongs. */
export interface FilePlace {
  /** Position of its identity in the order of the dataset. */
  identity: number
  /** Position in the inputs. */
  source: number
  /** Path below its input, with `/`. */
  path: string
}

/** What became of a file. */
export interface PackedContent {
  outcome: Outcome
  /** The stored image was taken over from the version before. */
  reused: boolean
  /** Missing where the file was not read, and for one in an archive. */
  state?: FileState
  /**
   * xxHash64 of the file for the cache of sources: `image` where it is that of the stored image. Missing where the cache
   * is not to have the file: it must be read again next time.
   */
  fileHash?: bigint | 'image'
}

/** Characters: 16 bits hold the number of their bytes. */
const LONGEST_REASON = 16_384

/**
 * Writes what became of a shard's files, in order: a file of records (path, reason, image bytes), their index, and what
 * the cache of sources needs.
 */
export class PartWriter {
  readonly #scratch: string
  readonly #shard: number
  readonly #file: PartFile
  readonly #records: BlockWriter
  readonly #index: PartIndex
  readonly #sources: PartSources
  #written = 0
  #skipped = 0

  private constructor(scratch: string, shard: number, file: PartFile, files: number) {
    this.#scratch = scratch
    this.#shard = shard
    this.#file = file
    this.#records = new BlockWriter(file)
    this.#index = PartIndex.ofFiles(files)
    this.#sources = PartSources.ofFiles(files)
  }

  /** @param files number of files of the shard @throws OutputError */
  static async create(scratch: string, shard: number, files: number): Promise<PartWriter> {
    const file = await PartFile.create(join(scratch, partFiles(shard).records))
    return new PartWriter(scratch, shard, file, files)
  }

  /** Appends a file, written in the background: see `ready`. */
  append({ identity, source, path }: FilePlace, { outcome, reused, state, fileHash }: PackedContent): void {
    const image = outcome.kind === 'skipped' ? NO_IMAGE : outcome.image
    const hash = outcome.kind === 'skipped' ? 0n : xxh64(image.bytes)
    const offset = this.#records.position
    const pathBytes = this.#records.appendText(path)
    const reason = 'reason' in outcome ? outcome.reason.slice(0, LONGEST_REASON) : ''
    const reasonBytes = reason === '' ? 0 : this.#records.appendText(reason)
    this.#records.append(image.bytes)
    const { width, height, format } = image
    this.#index.set(this.#written, {
      kind: outcome.kind,
      reused,
      identity,
      source,
      offset,
      pathBytes,
      reasonBytes,
      imageBytes: image.bytes.length,
      width,
      height,
      format,
      xxh64: hash,
    })
    if (state !== undefined) {
      const own = fileHash === 'image' ? hash : fileHash
      this.#sources.set(this.#written, own === undefined ? state : { ...state, xxh64: own })
    }
    this.#written++
    if (outcome.kind === 'skipped') this.#skipped++
  }

  /** Whether more is written than the disk takes: then it is time to await `ready`. */
  get behind(): boolean {
    return this.#records.behind
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#records.ready()
  }

  /** Puts the part under its names. @throws OutputError */
  async finish(): Promise<ShardResult> {
    await this.#records.flush()
    const { records, index, sources } = partFiles(this.#shard)
    const files = [
      { path: records, ...(await this.#file.finish()) },
      { path: index, ...(await this.#writeWhole(index, this.#index.bytes)) },
      { path: sources, ...(await this.#writeWhole(sources, this.#sources.bytes)) },
    ]
    return { files, done: this.#written, skipped: this.#skipped }
  }

  /** Drops what was written. */
  async discard(): Promise<void> {
    await this.#file.discard()
  }

  async #writeWhole(name: string, bytes: Uint8Array) {
    const file = await PartFile.create(join(this.#scratch, name))
    try {
      await file.write(bytes)
    } catch (error) {
      await file.discard()
      throw error
    }
    return file.finish()
  }
}

const NO_IMAGE = { bytes: new Uint8Array(0), width: 0, height: 0, format: '' }
