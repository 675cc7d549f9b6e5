import type { InputFile } from '../io/index.js'
import type { FileWindow } from './file-window.js'
import {
  MAGIC,
  MAGIC_BYTES,
  PART_HEADER_BYTES,
  PAYLOAD_LIMIT,
  PartFlag,
  paddedLength,
  readUint32,
} from './framing.js'
import { IMAGE_HEADER_BYTES } from './image-header.js'

/**
 * Says of a record whether it is whole, by its payload or by what is known of the place where it ends: true or false, or
 * undefined where neither tells. The format itself has no checksum.
 */
export type JudgeRecord = (payload: Uint8Array, end: number) => boolean | undefined

/** Where a part header would lead. */
interface Lead {
  flag: number
  length: number
  /** Where the next part or record would begin. */
  end: number
}

/** Looks for the next record behind a damaged place, where the lengths no longer lead to it. */
export class RecordSearch {
  readonly #file: InputFile
  readonly #window: FileWindow
  readonly #judge: JudgeRecord

  constructor(file: InputFile, window: FileWindow, judge: JudgeRecord) {
    this.#file = file
    this.#window = window
    this.#judge = judge
  }

  /**
   * The first place from `from` on, before `limit`, where a record begins; `limit` where there is none. At any
   * alignment, since bytes may have been lost. The window moves only where it ends before `limit`.
   */
  async find(from: number, limit: number): Promise<number> {
    const window = this.#window
    let at = from
    for (;;) {
      const hit = window.bytes.indexOf(MAGIC_BYTES, at - window.base)
      if (hit >= 0) {
        at = window.base + hit
        if (at >= limit) return limit
        if (await this.#isRecord(at)) return at
        at++
      } else if (window.end >= limit || window.atEndOfFile) {
        return limit
      } else {
        // The magic word may stand across the end of the window.
        at = Math.max(at, window.end - (MAGIC_BYTES.length - 1))
        await window.moveTo(at, PART_HEADER_BYTES)
      }
    }
  }

  /** Whether the header at `offset`, its magic word aside, leads to another record or to the end of the file. */
  async leadsOn(offset: number): Promise<boolean> {
    const lead = await this.#leadAt(offset)
    return lead !== undefined && (await this.#isFollowed(lead))
  }

  /**
   * The magic word stands in images too, so more must fit: the part flag, the length, the image header, and that
   * another record or the end of the file follows. Where nothing follows, since there is damage behind it too, the
   * content must be whole.
   */
  async #isRecord(offset: number): Promise<boolean> {
    const lead = await this.#leadAt(offset)
    if (lead === undefined || lead.end > this.#file.size) return false
    if (lead.flag === PartFlag.whole && !(await this.#holdsImageHeader(offset, lead.length))) return false
    if (await this.#isFollowed(lead)) return true
    const start = offset - this.#window.base + PART_HEADER_BYTES
    if (lead.flag !== PartFlag.whole || lead.end > this.#window.end) return false
    return this.#judge(this.#window.bytes.subarray(start, start + lead.length), lead.end) === true
  }

  async #leadAt(offset: number): Promise<Lead | undefined> {
    const header = await this.#peek(offset, PART_HEADER_BYTES)
    if (header === undefined) return undefined
    const word = readUint32(header, 4)
    const flag = word >>> 29
    if (flag !== PartFlag.whole && flag !== PartFlag.first) return undefined
    const length = word & (PAYLOAD_LIMIT - 1)
    return { flag, length, end: offset + PART_HEADER_BYTES + paddedLength(length) }
  }

  async #isFollowed({ flag, end }: Lead): Promise<boolean> {
    if (end === this.#file.size) return flag === PartFlag.whole
    const header = await this.#peek(end, PART_HEADER_BYTES)
    if (header === undefined || readUint32(header, 0) !== MAGIC) return false
    const next = readUint32(header, 4) >>> 29
    return flag === PartFlag.whole
      ? next === PartFlag.whole || next === PartFlag.first
      : next === PartFlag.middle || next === PartFlag.last
  }

  async #holdsImageHeader(offset: number, length: number): Promise<boolean> {
    const flag = await this.#peek(offset + PART_HEADER_BYTES, 4)
    return flag !== undefined && IMAGE_HEADER_BYTES + 4 * readUint32(flag, 0) <= length
  }

  /** Some bytes of the file, which need not lie in the window; undefined beyond its end. */
  async #peek(offset: number, length: number): Promise<Uint8Array | undefined> {
    if (offset + length > this.#file.size) return undefined
    const { bytes, base, end } = this.#window
    if (offset >= base && offset + length <= end) return bytes.subarray(offset - base, offset - base + length)
    return this.#file.readExactly(offset, length)
  }
}
