import { InputError } from '../errors/index.js'
import {
  MAGIC_BYTES,
  PART_HEADER_BYTES,
  PAYLOAD_LIMIT,
  PartFlag,
  paddedLength,
  writePartHeader,
} from './framing.js'

/** Where bytes go: a file of `io/`, or one that hashes on the way. Takes no memory of the pieces once settled. */
export interface ByteSink {
  write(...pieces: Uint8Array[]): Promise<void>
}

/** Bytes gathered before one write. Two such buffers: one is filled while the other is written. */
const BUFFER_BYTES = 4 * 1024 * 1024

/** Writes records one after another, cut and padded as the format asks. */
export class RecordWriter {
  readonly #sink: ByteSink
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #spare = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #filled = 0
  #position = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(sink: ByteSink) {
    this.#sink = sink
  }

  /** Where the next record begins. */
  get position(): number {
    return this.#position
  }

  /**
   * Appends one record whose payload is the pieces in order, and returns its offset. The pieces' memory may be reused
   * once the promise is settled. @throws InputError for a payload of 2^29 bytes or more, OutputError
   */
  async write(...pieces: Uint8Array[]): Promise<number> {
    const offset = this.#position
    let length = 0
    for (const piece of pieces) length += piece.length
    if (length >= PAYLOAD_LIMIT) {
      throw new InputError({
        problem: 'a record is too long for RecordIO',
        expected: `fewer than ${PAYLOAD_LIMIT} bytes`,
        actual: length,
      })
    }
    const room = PART_HEADER_BYTES + paddedLength(length)
    if (this.#filled + room > this.#buffer.length) await this.#startWriting()
    if (room > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(room)
    const start = this.#filled + PART_HEADER_BYTES
    let at = start
    for (const piece of pieces) {
      this.#buffer.set(piece, at)
      at += piece.length
    }
    const payload = this.#buffer.subarray(start, at)
    const cut = alignedMagic(payload, 0)
    if (cut === -1) {
      writePartHeader(this.#buffer, this.#filled, PartFlag.whole, length)
      this.#buffer.fill(0, at, this.#filled + room)
      this.#filled += room
      this.#position += room
    } else {
      await this.#writeParts(Buffer.from(payload), cut)
    }
    return offset
  }

  /** Waits until everything is with the sink. @throws OutputError */
  async flush(): Promise<void> {
    await this.#startWriting()
    await this.#writing
  }

  /** A payload with magic words in it grows by 4 bytes a cut: rare, so it is put together apart. */
  async #writeParts(payload: Buffer, firstCut: number): Promise<void> {
    const pieces: Uint8Array[] = []
    let start = 0
    let cut = firstCut
    while (cut !== -1) {
      pieces.push(partHeader(start === 0 ? PartFlag.first : PartFlag.middle, cut - start))
      pieces.push(payload.subarray(start, cut))
      start = cut + MAGIC_BYTES.length
      cut = alignedMagic(payload, start)
    }
    const length = payload.length - start
    pieces.push(partHeader(PartFlag.last, length), payload.subarray(start))
    pieces.push(new Uint8Array(paddedLength(length) - length))
    await this.flush()
    await this.#sink.write(...pieces)
    for (const piece of pieces) this.#position += piece.length
  }

  /** Hands the filled buffer to the sink, once the write before it is done, and goes on in the other one. */
  async #startWriting(): Promise<void> {
    if (this.#filled === 0) return
    await this.#writing
    const full = this.#buffer
    this.#buffer = this.#spare
    this.#spare = full
    this.#writing = this.#sink.write(full.subarray(0, this.#filled))
    this.#filled = 0
    // The error is thrown where the promise is awaited: at the next buffer, or by flush.
    this.#writing.catch(() => {})
  }
}

/** Where the magic word stands next in the payload at a multiple of 4 bytes; -1 for nowhere. */
function alignedMagic(payload: Buffer, from: number): number {
  let at = payload.indexOf(MAGIC_BYTES, from)
  while (at !== -1 && at % 4 !== 0) at = payload.indexOf(MAGIC_BYTES, at + 1)
  return at
}

function partHeader(flag: number, length: number): Uint8Array {
  const header = new Uint8Array(PART_HEADER_BYTES)
  writePartHeader(header, 0, flag, length)
  return header
}
