import { type Fault, InputError } from '../errors/index.js'
import type { InputFile } from '../io/index.js'
import { FileWindow, READ_BYTES } from './file-window.js'
import { MAGIC, MAGIC_BYTES, PART_HEADER_BYTES, PAYLOAD_LIMIT, paddedLength, readUint32 } from './framing.js'
import { parseRecord, type StoredRecord } from './record.js'
import { type JudgeRecord, RecordSearch } from './record-search.js'

/** What is wrong, as a fault says it. */
export type Flaw = Pick<Fault, 'problem' | 'expected' | 'actual'>

/** A stretch of a file that no record can be read from. */
export interface DamagedRange extends Flaw {
  start: number
  /** Where the next record begins, or the end of the file. */
  end: number
}

/** A record that can be read although it is not written as the format asks. */
export interface FlawedRecord extends Flaw {
  /** Where the record begins. */
  offset: number
}

/** Some records in file order, or one damaged range. */
export interface SalvagedBatch {
  /** Payloads are views of memory that the next batch uses again. */
  records: StoredRecord[]
  /** Those of the records that are not written as the format asks. */
  flawed: FlawedRecord[]
  damage: DamagedRange | undefined
}

export interface SalvageOptions {
  /** Asked about a record next to damage, whose length may be wrong. */
  judge?: JudgeRecord
  /** Is handed every byte of the file, in order: for a hash of the whole. */
  observe?: (bytes: Uint8Array) => void
}

/**
 * Reads a RecordIO file of images from front to back, some thousand records at a time, and goes on behind damage with
 * the next record. A record counts as sound where its parts fit together and another record or the end of the file
 * follows; behind damage it must begin with an image header too. The format has no checksum: damage inside a payload
 * is not noticed here. Memory is that of the longest record.
 * @throws InputError where the file cannot be read
 */
export function salvageRecords(file: InputFile, options: SalvageOptions = {}): AsyncGenerator<SalvagedBatch> {
  return new Salvage(file, options).batches()
}

/** Why the walk from header to header stops before the end of the file. */
type Stop =
  /** The window ends inside a record, which needs this many bytes. */
  | { kind: 'more'; needed: number }
  /** No record can begin here. */
  | { kind: 'damage'; flaw: Flaw }
  /** Other records fill the rest of this one, from this place on. */
  | { kind: 'swallows'; inner: number }
  /** What stands behind this record is none. */
  | { kind: 'no follower'; record: StoredRecord }

class Salvage {
  readonly #file: InputFile
  readonly #window: FileWindow
  readonly #search: RecordSearch
  readonly #judge: JudgeRecord
  /** Where the next record should begin. */
  #offset = 0
  /** Bytes from there on that the walk needs. */
  #needed = PART_HEADER_BYTES

  constructor(file: InputFile, { judge = () => undefined, observe }: SalvageOptions) {
    this.#file = file
    this.#window = new FileWindow(file, observe)
    this.#search = new RecordSearch(file, this.#window, judge)
    this.#judge = judge
  }

  async *batches(): AsyncGenerator<SalvagedBatch> {
    while (this.#offset < this.#file.size) {
      await this.#window.moveTo(this.#offset, this.#needed)
      this.#needed = PART_HEADER_BYTES
      const batch: SalvagedBatch = { records: [], flawed: [], damage: undefined }
      const stop = this.#walk(batch)
      if (stop?.kind === 'no follower' && (await this.#isSound(stop.record))) {
        batch.records.push(stop.record)
        this.#offset = stop.record.end
      }
      if (batch.records.length > 0) yield batch
      else if (stop !== undefined) {
        const damage = await this.#damage(stop)
        if (damage !== undefined) yield { records: [], flawed: [], damage }
      }
    }
  }

  /** Gathers records as far as the window goes. */
  #walk({ records, flawed }: SalvagedBatch): Stop | undefined {
    const { bytes, base, atEndOfFile } = this.#window
    while (this.#offset < this.#file.size) {
      const at = this.#offset - base
      const record = this.#parse(at)
      if ('kind' in record) return record
      const { offset } = record
      const end = record.end - base
      const behind = bytes.length - end
      if (behind < PART_HEADER_BYTES && !atEndOfFile) {
        return { kind: 'more', needed: end - at + PART_HEADER_BYTES }
      }
      if (behind > 0 && !isMagic(bytes, end)) return { kind: 'no follower', record }
      const inner = magicInPayload(bytes, at, end)
      if (inner !== -1) {
        if (leadsTo(bytes, inner, end)) return { kind: 'swallows', inner: base + inner }
        flawed.push({ offset, problem: 'the payload holds a magic word at which it should have been split' })
      }
      if (!isPadded(bytes, at, end)) flawed.push({ offset, problem: 'the padding is not zero' })
      records.push(record)
      this.#offset = record.end
    }
    return undefined
  }

  #parse(at: number): StoredRecord | Stop {
    const { bytes, base } = this.#window
    try {
      const record = parseRecord(bytes, at, this.#file.path, base)
      if (typeof record !== 'number') return record
      const rest = this.#file.size - this.#offset
      if (record <= rest) return { kind: 'more', needed: record }
      const flaw = {
        problem: 'the record is longer than the rest of the file',
        expected: `${record} bytes or more`,
        actual: rest,
      }
      return { kind: 'damage', flaw }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      const { problem, expected = '', actual = '' } = error.fault
      return { kind: 'damage', flaw: { problem, expected, actual } }
    }
  }

  /** A record that none follows: either its length is wrong, or what stands behind it is damaged. */
  async #isSound(record: StoredRecord): Promise<boolean> {
    const inner = await this.#search.find(record.offset + PART_HEADER_BYTES, record.end)
    if (inner < record.end) return false
    // Fewer bytes than a header say nothing of the record before them.
    const isTail = this.#file.size - record.end < PART_HEADER_BYTES
    return this.#judge(record.payload, record.end) ?? (isTail || (await this.#search.leadsOn(record.end)))
  }

  /** The damage at the offset where the walk stopped; undefined where it only needs more bytes. */
  async #damage(stop: Stop): Promise<DamagedRange | undefined> {
    const start = this.#offset
    if (stop.kind === 'more' && !(await this.#isTooLong(stop.needed))) {
      this.#needed = stop.needed
      return undefined
    }
    const end =
      stop.kind === 'swallows'
        ? stop.inner
        : await this.#search.find(start + MAGIC_BYTES.length, this.#file.size)
    this.#offset = end
    if (stop.kind === 'damage') return { start, end, ...stop.flaw }
    return { start, end, problem: 'the length of the record does not lead to the next one' }
  }

  /** Whether a record that does not fit into the window has a wrong length: another one begins inside it. */
  async #isTooLong(needed: number): Promise<boolean> {
    if (needed <= READ_BYTES) return false
    await this.#window.moveTo(this.#offset, READ_BYTES)
    const limit = this.#offset + READ_BYTES - PART_HEADER_BYTES
    return (await this.#search.find(this.#offset + PART_HEADER_BYTES, limit)) < limit
  }
}

function isMagic(bytes: Uint8Array, at: number): boolean {
  return readUint32(bytes, at) === MAGIC
}

/**
 * Where a part of the record between `at` and `end` holds the magic word at a multiple of 4 bytes; -1 for nowhere: a
 * writer splits the record there.
 */
function magicInPayload(bytes: Buffer, at: number, end: number): number {
  for (let part = at; part < end; ) {
    const next = partEnd(bytes, part)
    for (let found = bytes.indexOf(MAGIC_BYTES, part + MAGIC_BYTES.length); found < next; ) {
      if (found === -1) return -1
      if ((found - part) % 4 === 0) return found
      found = bytes.indexOf(MAGIC_BYTES, found + 1)
    }
    part = next
  }
  return -1
}

/** Whether the headers from `at` on lead exactly to `end`. */
function leadsTo(bytes: Buffer, at: number, end: number): boolean {
  let next = at
  while (next < end && isMagic(bytes, next)) next = partEnd(bytes, next)
  return next === end
}

function isPadded(bytes: Uint8Array, at: number, end: number): boolean {
  for (let part = at; part < end; ) {
    const next = partEnd(bytes, part)
    const length = readUint32(bytes, part + MAGIC_BYTES.length) & (PAYLOAD_LIMIT - 1)
    for (let i = part + PART_HEADER_BYTES + length; i < next; i++) if (bytes[i] !== 0) return false
    part = next
  }
  return true
}

function partEnd(bytes: Uint8Array, at: number): number {
  const length = readUint32(bytes, at + MAGIC_BYTES.length) & (PAYLOAD_LIMIT - 1)
  return at + PART_HEADER_BYTES + paddedLength(length)
}
