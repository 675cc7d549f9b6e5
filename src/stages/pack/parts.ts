import { join } from 'node:path'
import { FacedataError } from '../../errors/index.js'
import { readWholeFile } from '../../io/index.js'
import { RecordReader } from '../../recordio/index.js'
import type { ShardResult } from '../stage.js'
import { outcomeKinds, type PartRecord, unpackPartRecord } from './part-record.js'
import { INDEX_ENTRY_BYTES, partFiles } from './part-writer.js'
import type { PackShard } from './shard.js'

/** The parts of all shards, one after another: a position is that of a file in the order of the dataset. */
export class Parts {
  /** Number of files. */
  readonly count: number
  readonly #shards: { first: number; reader: RecordReader; index: Buffer }[]

  private constructor(shards: { first: number; reader: RecordReader; index: Buffer }[], count: number) {
    this.#shards = shards
    this.count = count
  }

  /** @throws FacedataError where a part does not hold what its shard was given, InputError */
  static async open(scratch: string, shards: PackShard[], results: ShardResult[]): Promise<Parts> {
    const opened: { first: number; reader: RecordReader; index: Buffer }[] = []
    let count = 0
    for (const [i, shard] of shards.entries()) {
      const { records, index: indexFile } = partFiles(shard.number)
      const files = shard.folders.reduce((sum, folder) => sum + folder.files, 0)
      const index = await readWholeFile(join(scratch, indexFile), Number.MAX_SAFE_INTEGER)
      if (results[i]?.done !== files || index.length !== files * INDEX_ENTRY_BYTES) {
        throw new FacedataError(
          `shard ${shard.number} was given ${files} files and reports ${results[i]?.done}: remove ${scratch} and pack again`,
        )
      }
      opened.push({ first: count, reader: await RecordReader.open(join(scratch, records)), index })
      count += files
    }
    return new Parts(opened, count)
  }

  isStored(position: number): boolean {
    const { index, at } = this.#entry(position)
    return outcomeKinds[index.readUInt8(at)] !== 'skipped'
  }

  /** Size of a stored image, 0 where it is not known. */
  sizeOf(position: number): { width: number; height: number } {
    const { index, at } = this.#entry(position)
    return { width: index.readUInt16LE(at + 4), height: index.readUInt16LE(at + 6) }
  }

  /** @throws InputError */
  async read(position: number): Promise<PartRecord> {
    const { index, at, reader } = this.#entry(position)
    return unpackPartRecord((await reader.readAt(index.readDoubleLE(at + 8))).payload)
  }

  /** All records, streamed in order. @throws InputError */
  async *records(): AsyncGenerator<PartRecord> {
    for (const { reader } of this.#shards) {
      for await (const { payload } of reader.records()) yield unpackPartRecord(payload)
    }
  }

  async close(): Promise<void> {
    for (const { reader } of this.#shards) await reader.close()
  }

  #entry(position: number): { reader: RecordReader; index: Buffer; at: number } {
    let low = 0
    let high = this.#shards.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#shards[middle]!.first <= position) low = middle
      else high = middle - 1
    }
    const { first, reader, index } = this.#shards[low]!
    return { reader, index, at: (position - first) * INDEX_ENTRY_BYTES }
  }
}
