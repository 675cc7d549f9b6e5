import { join } from 'node:path'
import { xxh64 } from '../../hash/xxh64.js'
import { BlockWriter } from '../../io/index.js'
import { IMAGE_HEADER_BYTES, RecordWriter } from '../../recordio/index.js'
import type { ShardResult } from '../stage.js'
import type { PackedImage } from './convert.js'
import type { PackedFile, SourceState } from './packed-file.js'
import { PartFile } from './part-file.js'
import { indexEntry, type OutcomeKind } from './part-index.js'
import { packPartRecord } from './part-record.js'
import { packSourceEntry, type SourceEntry } from './part-sources.js'

/** Files of a shard's part, relative to the scratch folder. */
export function partFiles(shard: number): { records: string; index: string; sources: string } {
  return {
    records: `part-${shard}.rec`,
    index: `part-${shard}.index`,
    sources: `part-${shard}.sources`,
  }
}

/** Bytes gathered before one write of the small files. */
const SMALL_BLOCK_BYTES = 64 * 1024

/**
 * Writes what became of a shard's files, in order: a RecordIO file of one record a file, its index, and what the cache
 * of sources says of each.
 */
export class PartWriter {
  readonly #names: { records: string; index: string; sources: string }
  readonly #files: { records: PartFile; index: PartFile; sources: PartFile }
  readonly #records: RecordWriter
  readonly #index: BlockWriter
  readonly #sources: BlockWriter
  #written = 0
  #skipped = 0

  private constructor(
    names: { records: string; index: string; sources: string },
    files: { records: PartFile; index: PartFile; sources: PartFile },
  ) {
    this.#names = names
    this.#files = files
    this.#records = new RecordWriter(files.records)
    this.#index = new BlockWriter(files.index, SMALL_BLOCK_BYTES)
    this.#sources = new BlockWriter(files.sources, SMALL_BLOCK_BYTES)
  }

  /** @throws OutputError */
  static async create(scratch: string, shard: number): Promise<PartWriter> {
    const names = partFiles(shard)
    const opened: PartFile[] = []
    const create = async (name: string) => {
      const file = await PartFile.create(join(scratch, name))
      opened.push(file)
      return file
    }
    try {
      const files = {
        records: await create(names.records),
        index: await create(names.index),
        sources: await create(names.sources),
      }
      return new PartWriter(names, files)
    } catch (error) {
      for (const file of opened) await file.discard()
      throw error
    }
  }

  /** Appends a file, written in the background: see `ready`. */
  append(file: PackedFile): void {
    const { outcome, reused, state } = file
    const image = outcome.kind === 'skipped' ? undefined : outcome.image
    const hash = image === undefined ? 0n : xxh64(image.bytes)
    const offset = this.#records.append(...packPartRecord(file, hash))
    const { width, height } = image ?? { width: 0, height: 0 }
    this.#index.append(indexEntry({ kind: outcome.kind, reused, width, height, offset }))
    this.#sources.append(packSourceEntry(image && state && sourceEntry(state, image, outcome.kind, hash)))
    this.#written++
    if (image === undefined) this.#skipped++
  }

  /** Whether more is written than the disk takes: then it is time to await `ready`. */
  get behind(): boolean {
    return this.#records.behind
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#records.ready()
    await this.#index.ready()
    await this.#sources.ready()
  }

  /** Puts the part under its names. @throws OutputError */
  async finish(): Promise<ShardResult> {
    await this.#records.flush()
    await this.#index.flush()
    await this.#sources.flush()
    const files: ShardResult['files'] = []
    for (const part of ['records', 'index', 'sources'] as const) {
      files.push({ path: this.#names[part], ...(await this.#files[part].finish()) })
    }
    return { files, done: this.#written, skipped: this.#skipped }
  }

  /** Drops what was written. */
  async discard(): Promise<void> {
    for (const file of Object.values(this.#files)) await file.discard()
  }
}

function sourceEntry(
  { size, mtime, xxh64 }: SourceState,
  { bytes, width, height, format }: PackedImage,
  kind: OutcomeKind,
  hash: bigint,
): SourceEntry {
  const length = IMAGE_HEADER_BYTES + bytes.length
  const image = { converted: kind === 'converted', length, width, height, format, xxh64: hash }
  return { size, mtime, xxh64: xxh64 ?? hash, image }
}
