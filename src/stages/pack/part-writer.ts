import { join } from 'node:path'
import { createXxh64, hashToHex, xxh64 } from '../../hash/xxh64.js'
import { AtomicFile, writeFileAtomically } from '../../io/index.js'
import { RecordWriter } from '../../recordio/index.js'
import type { ShardResult } from '../stage.js'
import { outcomeKinds, type PartRecord, packPartRecord } from './part-record.js'

/** Files of a shard's part, relative to the scratch folder. */
export function partFiles(shard: number): { records: string; index: string } {
  return { records: `part-${shard}.rec`, index: `part-${shard}.index` }
}

/** One entry of a part's index: kind u8, 3 bytes unused, width u16, height u16, record offset f64. */
export const INDEX_ENTRY_BYTES = 16

/** Writes what became of a shard's files: a RecordIO file of one record a file, in order, and its index. */
export class PartWriter {
  readonly #scratch: string
  readonly #shard: number
  readonly #file: AtomicFile
  readonly #hash = createXxh64()
  readonly #records: RecordWriter
  readonly #index: Buffer
  #written = 0
  #skipped = 0

  private constructor(scratch: string, shard: number, files: number, file: AtomicFile) {
    this.#scratch = scratch
    this.#shard = shard
    this.#file = file
    this.#index = Buffer.alloc(files * INDEX_ENTRY_BYTES)
    this.#records = new RecordWriter({
      write: async (...pieces) => {
        for (const piece of pieces) this.#hash.update(piece)
        await file.write(...pieces)
      },
    })
  }

  /** @param files number of files of the shard @throws OutputError */
  static async create(scratch: string, shard: number, files: number): Promise<PartWriter> {
    return new PartWriter(
      scratch,
      shard,
      files,
      await AtomicFile.create(join(scratch, partFiles(shard).records)),
    )
  }

  /** Appends a record, written in the background: see `ready`. */
  append(record: Omit<PartRecord, 'xxh64'>): void {
    const { outcome } = record
    const image = outcome.kind === 'skipped' ? undefined : outcome.image
    const hash = image === undefined ? 0n : xxh64(image.bytes)
    const offset = this.#records.append(...packPartRecord({ ...record, xxh64: hash }))
    const at = this.#written++ * INDEX_ENTRY_BYTES
    this.#index.writeUInt8(outcomeKinds.indexOf(outcome.kind), at)
    this.#index.writeUInt16LE(Math.min(image?.width ?? 0, 0xffff), at + 4)
    this.#index.writeUInt16LE(Math.min(image?.height ?? 0, 0xffff), at + 6)
    this.#index.writeDoubleLE(offset, at + 8)
    if (image === undefined) this.#skipped++
  }

  /** Whether more is written than the disk takes: then it is time to await `ready`. */
  get behind(): boolean {
    return this.#records.behind
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#records.ready()
  }

  /** Puts the part under its name. @throws OutputError */
  async finish(): Promise<ShardResult> {
    await this.#records.flush()
    const { records, index } = partFiles(this.#shard)
    const bytes = this.#file.position
    await this.#file.commit()
    await writeFileAtomically(join(this.#scratch, index), this.#index)
    return {
      files: [
        { path: records, bytes, xxh64: hashToHex(this.#hash.digest()) },
        { path: index, bytes: this.#index.length, xxh64: hashToHex(xxh64(this.#index)) },
      ],
      done: this.#written,
      skipped: this.#skipped,
    }
  }

  /** Drops what was written. */
  async discard(): Promise<void> {
    await this.#file.discard()
  }
}
