import { readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { InputError } from '../errors/index.js'
import { InputFile, inputErrorFrom } from '../io/index.js'
import { recordBytes } from './framing.js'
import { parseRecord, type StoredRecord, truncatedRecord } from './record.js'

/**
 * Bytes of one read while streaming. They stay in the processor's cache until they are hashed and copied: from 256 KiB on
 * a read of cached files was a quarter as fast.
 */
const CHUNK_BYTES = 128 * 1024

/** Chunks after which the event loop gets a turn, for signals. */
const CHUNKS_PER_TURN = 32

/** Records of one batch at most: more small ones would outlive a young collection, which makes it slow. */
const BATCH_RECORDS = 1024

/** Room before each chunk for the record that the chunk before ended in: most fit. */
const MARGIN_BYTES = 64 * 1024

/** Bytes of the first read at an offset: most aligned face images fit. */
const FIRST_READ_BYTES = 16 * 1024

/** Bytes of the first synchronous read at most: an index that is damaged may tell any length. */
const FIRST_SYNC_READ_BYTES = 1024 * 1024

/** By how much a read of one record grows: each of thousands of parts would otherwise take a read of its own. */
const GROWTH = 1.25

/** One read of a file that is streamed. */
interface Chunk {
  /** `MARGIN_BYTES` of room, then `filled` bytes of the file. */
  memory: Uint8Array
  filled: number
  /** False where the file became shorter. */
  complete: boolean
}

/** A RecordIO file, read from front to back or record by record. */
export class RecordReader {
  readonly file: InputFile

  constructor(file: InputFile) {
    this.file = file
  }

  /** @throws InputError */
  static async open(path: string): Promise<RecordReader> {
    return new RecordReader(await InputFile.open(path))
  }

  /** The record that begins at `offset`. @throws InputError */
  async readAt(offset: number): Promise<StoredRecord> {
    let wanted = FIRST_READ_BYTES
    for (;;) {
      const bytes = new Uint8Array(Math.max(0, Math.min(wanted, this.file.size - offset)))
      const available = bytes.subarray(0, await this.file.read(bytes, offset))
      const record = parseRecord(available, 0, this.file.path, offset)
      if (typeof record !== 'number') return record
      if (available.length < wanted) throw truncatedRecord(this.file.path, offset, record, available.length)
      wanted = Math.max(record, Math.ceil(GROWTH * wanted))
    }
  }

  /** The same, synchronously; `length` is that of its payload, as an index tells it. @throws InputError */
  readAtSync(offset: number, length: number): StoredRecord {
    return readRecordSync(this.file.descriptor, this.file.path, offset, length)
  }

  /**
   * The records between two record boundaries, in file order, some at a time. Read synchronously: the system reads
   * ahead, and a hop between threads costs more than a chunk. Where the file is damaged, the records before that place
   * are handed out first.
   * @param memory fresh: payloads are views of the batch's memory, and one that is kept keeps its whole batch; reused:
   * they are gone when the next batch is asked for, which spares the collector the whole file
   * @throws InputError
   */
  async *batches(
    start = 0,
    end = this.file.size,
    memory: 'fresh' | 'reused' = 'fresh',
  ): AsyncGenerator<StoredRecord[]> {
    const { path } = this.file
    const reused = memory === 'reused' ? [newMemory(), newMemory()] : undefined
    let rest: Uint8Array = new Uint8Array(0)
    let base = start
    for (let chunks = 1; base < end; chunks++) {
      if (chunks % CHUNKS_PER_TURN === 0) await setImmediate()
      // In turns: what is left of the chunk before is copied out of the other one.
      const chunk = this.#readChunk(base + rest.length, end, reused?.[chunks % 2] ?? newMemory())
      const bytes = putBefore(chunk, rest)
      let at = 0
      let batch: Batch
      do {
        batch = parseBatch(bytes, at, path, base)
        at = batch.at
        if (batch.records.length > 0) yield batch.records
        if (batch.fault !== undefined) throw batch.fault
      } while (batch.records.length === BATCH_RECORDS)
      const atEnd = base + bytes.length === end
      const cutShort = !chunk.complete || (atEnd && batch.needed > 0)
      if (cutShort) throw truncatedRecord(path, base + at, batch.needed, bytes.length - at)
      rest = bytes.subarray(at)
      base += at
      if (batch.needed <= rest.length + CHUNK_BYTES && rest.length < CHUNK_BYTES) continue
      // A record of many chunks is read by itself, at once: not copied, and parsed again, for each of them.
      const large = await this.readAt(base)
      if (large.end > end) throw truncatedRecord(path, base, large.end - base, end - base)
      yield [large]
      rest = bytes.subarray(0, 0)
      base = large.end
    }
  }

  /** The records from `start` on, one by one. @throws InputError */
  async *records(start = 0): AsyncGenerator<StoredRecord> {
    for await (const batch of this.batches(start)) yield* batch
  }

  async close(): Promise<void> {
    await this.file.close()
  }

  #readChunk(offset: number, end: number, memory: Uint8Array): Chunk {
    const length = Math.min(CHUNK_BYTES, end - offset)
    const filled = this.file.readSync(memory.subarray(MARGIN_BYTES, MARGIN_BYTES + length), offset)
    return { memory, filled, complete: filled === length }
  }
}

function newMemory(): Uint8Array {
  return new Uint8Array(MARGIN_BYTES + CHUNK_BYTES)
}

/** Records one after another, as many as fit into a batch. */
interface Batch {
  records: StoredRecord[]
  /** Where the next one begins. */
  at: number
  /** Bytes that it needs, where there are fewer. */
  needed: number
  /** Why it is none: the records before it are sound. */
  fault?: InputError
}

function parseBatch(bytes: Uint8Array, from: number, file: string, base: number): Batch {
  const batch: Batch = { records: [], at: from, needed: 0 }
  try {
    while (batch.at < bytes.length && batch.records.length < BATCH_RECORDS) {
      const record = parseRecord(bytes, batch.at, file, base)
      if (typeof record === 'number') {
        batch.needed = record
        break
      }
      batch.records.push(record)
      batch.at = record.end - base
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    batch.fault = error
  }
  return batch
}

/** The bytes of a chunk behind those that were left of the one before. */
function putBefore({ memory, filled }: Chunk, rest: Uint8Array): Uint8Array {
  const start = MARGIN_BYTES - rest.length
  if (start >= 0) {
    memory.set(rest, start)
    return memory.subarray(start, MARGIN_BYTES + filled)
  }
  return Buffer.concat([rest, memory.subarray(MARGIN_BYTES, MARGIN_BYTES + filled)])
}

/**
 * The record at `offset`, read synchronously: for worker threads, and where many small records are read.
 * @param length payload bytes as an index tells them; a record that is split at magic words, or of more than a megabyte,
 * takes a second read
 * @throws InputError
 */
export function readRecordSync(
  descriptor: number,
  path: string,
  offset: number,
  length: number,
): StoredRecord {
  let wanted = recordBytes(Math.min(length, FIRST_SYNC_READ_BYTES))
  for (;;) {
    const bytes = Buffer.allocUnsafe(wanted)
    let filled = 0
    try {
      while (filled < wanted) {
        const count = readSync(descriptor, bytes, filled, wanted - filled, offset + filled)
        if (count === 0) break
        filled += count
      }
    } catch (error) {
      throw inputErrorFrom(error, path)
    }
    const record = parseRecord(bytes.subarray(0, filled), 0, path, offset)
    if (typeof record !== 'number') return record
    if (filled < wanted) throw truncatedRecord(path, offset, record, filled)
    wanted = Math.max(record, Math.ceil(GROWTH * wanted))
  }
}
