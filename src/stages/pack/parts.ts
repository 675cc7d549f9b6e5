import { join } from 'node:path'
import { FacedataError } from '../../errors/index.js'
import { InputFile, readWholeFile } from '../../io/index.js'
import { RecordReader } from '../../recordio/index.js'
import type { ShardResult } from '../stage.js'
import { PartIndex } from './part-index.js'
import { type PartRecord, unpackPartRecord } from './part-record.js'
import { SOURCE_ENTRY_BYTES, type SourceEntry, unpackSourceEntry } from './part-sources.js'
import { partFiles } from './part-writer.js'
import type { PackShard } from './shard.js'

/** One shard's part. */
interface Part {
  /** Position of its first file. */
  first: number
  reader: RecordReader
  index: PartIndex
  /** Path of what it has for the cache of sources. */
  sources: string
}

/** A guess that one read takes most images. */
const USUAL_RECORD_BYTES = 16 * 1024

/** Entries of the cache of sources that are read at once. */
const SOURCES_PER_READ = 8192

/** The parts of all shards, one after another: a position is that of a file in the order of the dataset. */
export class Parts {
  /** Number of files. */
  readonly count: number
  readonly #parts: Part[]

  private constructor(parts: Part[], count: number) {
    this.#parts = parts
    this.count = count
  }

  /** @throws FacedataError where a part does not hold what its shard was given, InputError */
  static async open(scratch: string, shards: PackShard[], results: ShardResult[]): Promise<Parts> {
    const parts: Part[] = []
    let count = 0
    for (const [i, shard] of shards.entries()) {
      const names = partFiles(shard.number)
      const files = shard.folders.reduce((sum, folder) => sum + folder.files, 0)
      const index = new PartIndex(await readWholeFile(join(scratch, names.index), Number.MAX_SAFE_INTEGER))
      if (results[i]?.done !== files || index.count !== files) {
        throw new FacedataError(
          `shard ${shard.number} was given ${files} files and reports ${results[i]?.done}: remove ${scratch} and pack again`,
        )
      }
      const reader = await RecordReader.open(join(scratch, names.records))
      parts.push({ first: count, reader, index, sources: join(scratch, names.sources) })
      count += files
    }
    return new Parts(parts, count)
  }

  isStored(position: number): boolean {
    const { index, first } = this.#partOf(position)
    return index.isStored(position - first)
  }

  isReused(position: number): boolean {
    const { index, first } = this.#partOf(position)
    return index.isReused(position - first)
  }

  /** Size of a stored image, 0 where it is not known. */
  sizeOf(position: number): { width: number; height: number } {
    const { index, first } = this.#partOf(position)
    return index.sizeOf(position - first)
  }

  /** @throws InputError */
  read(position: number): PartRecord {
    const { index, first, reader } = this.#partOf(position)
    const { payload } = reader.readAtSync(index.offsetOf(position - first), USUAL_RECORD_BYTES)
    return unpackPartRecord(payload, position)
  }

  /** All records in order, some hundred at a time; each batch is gone when the next is asked for. @throws InputError */
  async *batches(): AsyncGenerator<PartRecord[]> {
    let position = 0
    for (const { reader } of this.#parts) {
      for await (const records of reader.batches(0, reader.file.size, 'reused')) {
        yield records.map(({ payload }) => unpackPartRecord(payload, position++))
      }
    }
  }

  /** What the cache of sources says of each file, in order, some thousand at a time. @throws InputError */
  async *sources(): AsyncGenerator<(SourceEntry | undefined)[]> {
    for (const { sources } of this.#parts) {
      const file = await InputFile.open(sources)
      try {
        const chunk = Buffer.allocUnsafe(SOURCES_PER_READ * SOURCE_ENTRY_BYTES)
        for (let offset = 0; offset < file.size; offset += chunk.length) {
          const entries = (await file.read(chunk, offset)) / SOURCE_ENTRY_BYTES
          yield Array.from({ length: entries }, (_, i) => unpackSourceEntry(chunk, i * SOURCE_ENTRY_BYTES))
        }
      } finally {
        await file.close()
      }
    }
  }

  async close(): Promise<void> {
    for (const { reader } of this.#parts) await reader.close()
  }

  #partOf(position: number): Part {
    let low = 0
    let high = this.#parts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#parts[middle]!.first <= position) low = middle
      else high = middle - 1
    }
    return this.#parts[low]!
  }
}
