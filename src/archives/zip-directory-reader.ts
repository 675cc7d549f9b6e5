import { RandomAccessReader } from 'yauzl'
import { InputError } from '../errors/index.js'
import type { ArchiveFile } from './archive-file.js'

/** Some thousand directory entries. */
const WINDOW_BYTES = 256 * 1024

/** yauzl's types leave out the number of bytes, which it wants. */
type ReadCallback = (error: Error | null, bytesRead?: number) => void

/** Serves yauzl's many small reads of a directory from large ones of the file. */
export class ZipDirectoryReader extends RandomAccessReader {
  readonly archive: ArchiveFile
  readonly archiveBytes: number
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0
  #lastEnd = 0

  constructor(archive: ArchiveFile) {
    super()
    this.archive = archive
    this.archiveBytes = archive.state().bytes
  }

  override read(
    target: Buffer,
    at: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const answer = callback as ReadCallback
    const isInWindow = this.#isInWindow(position, length)
    let fault: Error | null = null
    try {
      this.#bytes(position, length).copy(target, at)
    } catch (error) {
      fault = error as Error
    }
    // yauzl takes no answer within the call. A new window gives the event loop a turn, for signals.
    if (isInWindow) process.nextTick(answer, fault, length)
    else setImmediate(answer, fault, length)
  }

  /** The little-endian word behind what was read last: behind the last entry, once all are read. */
  wordAfterLastRead(): number | undefined {
    if (this.#lastEnd + 4 > this.archiveBytes) return undefined
    return this.#bytes(this.#lastEnd, 4).readUInt32LE(0)
  }

  #isInWindow(position: number, length: number): boolean {
    return position >= this.#windowStart && position + length <= this.#windowStart + this.#window.length
  }

  #bytes(position: number, length: number): Buffer {
    if (!Number.isSafeInteger(position) || position < 0 || position + length > this.archiveBytes) {
      throw new InputError({
        file: this.archive.path,
        offset: position,
        problem: 'the zip names bytes that it does not have: it is truncated or damaged',
        expected: `${length} bytes`,
        actual: Math.max(0, this.archiveBytes - position),
      })
    }
    if (!this.#isInWindow(position, length)) {
      const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.archiveBytes - position)
      this.#window = this.archive.readExactly(position, wanted)
      this.#windowStart = position
    }
    this.#lastEnd = position + length
    const start = position - this.#windowStart
    return this.#window.subarray(start, start + length)
  }
}
