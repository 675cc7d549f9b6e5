import { InputError } from '../errors/index.js'
import { BlockWriter, type ByteSink } from '../io/index.js'
import {
  MAGIC_BYTES,
  PART_HEADER_BYTES,
  PAYLOAD_LIMIT,
  PartFlag,
  paddedLength,
  writePartHeader,
} from './framing.js'

/** Writes records one after another, cut and padded as the format asks. */
export class RecordWriter {
  readonly #output: BlockWriter

  constructor(sink: ByteSink) {
    this.#output = new BlockWriter(sink)
  }

  /** Where the next record begins. */
  get position(): number {
    return this.#output.position
  }

  /**
   * Appends one record whose payload is the pieces in order, and returns its offset. The bytes are copied, and written
   * in the background: see `ready`. @throws InputError for a payload of 2^29 bytes or more
   */
  append(...pieces: Uint8Array[]): number {
    const offset = this.position
    let length = 0
    for (const piece of pieces) length += piece.length
    if (length >= PAYLOAD_LIMIT) {
      throw new InputError({
        problem: 'a record is too long for RecordIO',
        expected: `fewer than ${PAYLOAD_LIMIT} bytes`,
        actual: length,
      })
    }
    const output = this.#output
    const room = PART_HEADER_BYTES + paddedLength(length)
    const first = output.claim(room)
    const { block } = output
    let at = first + PART_HEADER_BYTES
    for (const piece of pieces) {
      block.set(piece, at)
      at += piece.length
    }
    const payload = block.subarray(first + PART_HEADER_BYTES, at)
    const cut = alignedMagic(payload, 0)
    if (cut === -1) {
      writePartHeader(block, first, PartFlag.whole, length)
      while (at < first + room) block[at++] = 0
    } else {
      const copy = Buffer.from(payload)
      output.giveBack(room)
      this.#appendParts(copy, cut)
    }
    return offset
  }

  /** Whether more is written than the disk takes: then it is time to await `ready`. */
  get behind(): boolean {
    return this.#output.behind
  }

  /** Waits until the disk has caught up: to be awaited once for some megabytes of records. @throws OutputError */
  async ready(): Promise<void> {
    await this.#output.ready()
  }

  /** Waits until everything is with the sink. @throws OutputError */
  async flush(): Promise<void> {
    await this.#output.flush()
  }

  /** A payload with magic words in it grows by 4 bytes a cut. */
  #appendParts(payload: Buffer, firstCut: number): void {
    let start = 0
    let cut = firstCut
    while (cut !== -1) {
      this.#appendPart(start === 0 ? PartFlag.first : PartFlag.middle, payload.subarray(start, cut))
      start = cut + MAGIC_BYTES.length
      cut = alignedMagic(payload, start)
    }
    this.#appendPart(PartFlag.last, payload.subarray(start))
  }

  #appendPart(flag: number, bytes: Uint8Array): void {
    const at = this.#output.claim(PART_HEADER_BYTES + paddedLength(bytes.length))
    const { block } = this.#output
    const end = at + PART_HEADER_BYTES + bytes.length
    writePartHeader(block, at, flag, bytes.length)
    block.set(bytes, at + PART_HEADER_BYTES)
    block.fill(0, end, at + PART_HEADER_BYTES + paddedLength(bytes.length))
  }
}

/** Where the magic word stands next in the payload at a multiple of 4 bytes; -1 for nowhere. */
function alignedMagic(payload: Buffer, from: number): number {
  let at = payload.indexOf(MAGIC_BYTES, from)
  while (at !== -1 && at % 4 !== 0) at = payload.indexOf(MAGIC_BYTES, at + 1)
  return at
}
