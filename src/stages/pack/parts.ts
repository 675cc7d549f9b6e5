import { readSync } from 'node:fs'
import { join } from 'node:path'
import { FacedataError } from '../../errors/index.js'
import { InputFile } from '../../io/index.js'
import type { ShardResult } from '../stage.js'
import { PartIndex } from './part-index.js'
import { type PartRecord, unpackRecord } from './part-record.js'
import { PartSources } from './part-sources.js'
import { partFiles } from './part-writer.js'
import type { PackShard } from './shard.js'

/** One shard's part. */
interface Part {
  /** Position of its first file. */
  first: number
  records: InputFile
  index: PartIndex
  /** Path of the states of its files. */
  sources: string
}

/** Bytes of records that are read at once. */
const BATCH_BYTES = 2 * 1024 * 1024

/** Bytes of one read of a whole file: the system takes no more than 2 GiB. */
const PIECE_BYTES = 64 * 1024 * 1024

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
      const index = new PartIndex(await readMemory(join(scratch, names.index)))
      if (results[i]?.done !== files || index.count !== files) {
        throw new FacedataError(
          `shard ${shard.number} was given ${files} files and reports ${results[i]?.done}: remove ${scratch} and pack again`,
        )
      }
      const records = await InputFile.open(join(scratch, names.records))
      parts.push({ first: count, records, index, sources: join(scratch, names.sources) })
      count += files
    }
    return new Parts(parts, count)
  }

  isStored(position: number): boolean {
    const { index, first } = this.#partOf(position)
    return index.isStored(position - first)
  }

  /** Size of a stored image, 0 where it is not known. */
  sizeOf(position: number): { width: number; height: number } {
    const { index, first } = this.#partOf(position)
    return index.sizeOf(position - first)
  }

  /** One record, read synchronously. */
  read(position: number): PartRecord {
    const { index, first, records } = this.#partOf(position)
    const file = position - first
    const offset = index.offsetOf(file)
    const memory = Buffer.allocUnsafe(index.endOf(file) - offset)
    let filled = 0
    while (filled < memory.length) {
      const count = readSync(records.descriptor, memory, filled, memory.length - filled, offset + filled)
      if (count === 0) throw cutShort(records.path)
      filled += count
    }
    return unpackRecord(memory, 0, index.get(file), position)
  }

  /**
   * All records in order, some hundred at a time. The next ones are read while a batch is worked on; its images are gone
   * when the next batch is asked for. @throws InputError
   */
  async *batches(): AsyncGenerator<PartRecord[]> {
    for (const { first, records, index } of this.#parts) {
      let spare: Buffer = Buffer.allocUnsafeSlow(BATCH_BYTES)
      let reading = readBatch(records, index, 0, Buffer.allocUnsafeSlow(BATCH_BYTES))
      try {
        for (;;) {
          const { from, to, memory } = await reading
          if (from === to) break
          reading = readBatch(records, index, to, spare)
          // A failure is thrown when its bytes are due; until then it must not count as unhandled.
          reading.catch(() => {})
          const base = index.offsetOf(from)
          const found: PartRecord[] = []
          for (let file = from; file < to; file++) {
            found.push(unpackRecord(memory, index.offsetOf(file) - base, index.get(file), first + file))
          }
          yield found
          spare = memory
        }
      } finally {
        await reading.catch(() => {})
      }
    }
  }

  /** What the cache of sources says of each file, and what it has become, in order. @throws InputError */
  async *sources(): AsyncGenerator<{ first: number; index: PartIndex; states: PartSources }> {
    for (const { first, index, sources } of this.#parts) {
      yield { first, index, states: new PartSources(await readMemory(sources)) }
    }
  }

  async close(): Promise<void> {
    for (const { records } of this.#parts) await records.close()
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

/** The records of the files from `from` to before `to`. */
interface RecordBatch {
  from: number
  to: number
  memory: Buffer
}

async function readBatch(
  records: InputFile,
  index: PartIndex,
  from: number,
  spare: Buffer,
): Promise<RecordBatch> {
  if (from === index.count) return { from, to: from, memory: spare }
  const start = index.offsetOf(from)
  let to = from + 1
  while (to < index.count && index.endOf(to) - start <= BATCH_BYTES) to++
  const length = index.endOf(to - 1) - start
  const memory = length > spare.length ? Buffer.allocUnsafeSlow(length) : spare
  if ((await records.read(memory.subarray(0, length), start)) < length) throw cutShort(records.path)
  return { from, to, memory }
}

/** A whole file, in memory of its own that typed arrays can lie on. */
async function readMemory(path: string): Promise<ArrayBuffer> {
  const file = await InputFile.open(path)
  try {
    const memory = new ArrayBuffer(file.size)
    for (let offset = 0; offset < file.size; offset += PIECE_BYTES) {
      const piece = new Uint8Array(memory, offset, Math.min(PIECE_BYTES, file.size - offset))
      if ((await file.read(piece, offset)) < piece.length) throw cutShort(path)
    }
    return memory
  } finally {
    await file.close()
  }
}

function cutShort(path: string): FacedataError {
  return new FacedataError(`${path} became shorter after it was written: remove its folder and pack again`)
}
