import { readSync } from 'node:fs'
import { InputFile } from '../io/index.js'
import { recordBytes } from './framing.js'
import { parseRecord, type StoredRecord, truncatedRecord } from './record.js'

/**
 * Bytes of one read while streaming: large enough that the disk, not the system call, sets the pace; small enough that
 * the records of one read are short-lived.
 */
const CHUNK_BYTES = 2 * 1024 * 1024

/** Bytes of the first read at an offset: most aligned face images fit. */
const FIRST_READ_BYTES = 16 * 1024

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
      wanted = Math.max(record, wanted)
    }
  }

  /**
   * The records between two record boundaries, in file order, some hundred at a time. Payloads are views of the
   * batch's memory: a payload that is kept keeps its whole batch.
   * @throws InputError
   */
  async *batches(start = 0, end = this.file.size): AsyncGenerator<StoredRecord[]> {
    const { path } = this.file
    let rest = new Uint8Array(0)
    let base = start
    let chunkBytes = CHUNK_BYTES
    while (base < end) {
      const chunk = new Uint8Array(Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - base)).buffer)
      chunk.set(rest)
      const filled = rest.length + (await this.file.read(chunk.subarray(rest.length), base + rest.length))
      const bytes = chunk.subarray(0, filled)
      const records: StoredRecord[] = []
      let at = 0
      let needed = 0
      while (at < filled) {
        const record = parseRecord(bytes, at, path, base)
        if (typeof record === 'number') {
          needed = record
          break
        }
        records.push(record)
        at = record.end - base
      }
      const atEnd = base + filled === end
      const cutShort = filled < chunk.length || (atEnd && needed > 0)
      if (cutShort) throw truncatedRecord(path, base + at, needed, filled - at)
      rest = bytes.slice(at)
      base += at
      chunkBytes = Math.max(CHUNK_BYTES, needed)
      if (records.length > 0) yield records
      if (atEnd) return
    }
  }

  /** The records from `start` on, one by one. @throws InputError */
  async *records(start = 0): AsyncGenerator<StoredRecord> {
    for await (const batch of this.batches(start)) yield* batch
  }

  async close(): Promise<void> {
    await this.file.close()
  }
}

/**
 * Payload of the record at `offset`, read synchronously: for worker threads that read many small records.
 * @param length payload bytes as an index tells them; a record split at magic words takes a second read
 * @throws InputError
 */
export function readPayloadSync(
  descriptor: number,
  path: string,
  offset: number,
  length: number,
): Uint8Array {
  let wanted = recordBytes(length)
  for (;;) {
    const bytes = Buffer.allocUnsafe(wanted)
    let filled = 0
    while (filled < wanted) {
      const count = readSync(descriptor, bytes, filled, wanted - filled, offset + filled)
      if (count === 0) break
      filled += count
    }
    const record = parseRecord(bytes.subarray(0, filled), 0, path, offset)
    if (typeof record !== 'number') return record.payload
    if (filled < wanted) throw truncatedRecord(path, offset, record, filled)
    wanted = Math.max(wanted + 1, record)
  }
}
