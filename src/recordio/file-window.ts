import { InputError } from '../errors/index.js'
import type { InputFile } from '../io/index.js'

/** Bytes of one read: large enough that the disk, not the system call, sets the pace. */
export const READ_BYTES = 4 * 1024 * 1024

/**
 * A stretch of a file in memory that moves forward over it. Every byte of the file is read once, in order; the memory
 * is used again, so that views of `bytes` hold until the next call of `moveTo`.
 */
export class FileWindow {
  readonly #file: InputFile
  readonly #observe: ((bytes: Uint8Array) => void) | undefined
  #memory = Buffer.allocUnsafeSlow(READ_BYTES)
  /** The bytes that are in memory. */
  bytes = this.#memory.subarray(0, 0)
  /** Place in the file of `bytes[0]`. */
  base = 0

  /** @param observe is handed all bytes of the file that the window passes over, in order */
  constructor(file: InputFile, observe?: (bytes: Uint8Array) => void) {
    this.#file = file
    this.#observe = observe
  }

  /** Place in the file of the first byte behind the window. */
  get end(): number {
    return this.base + this.bytes.length
  }

  get atEndOfFile(): boolean {
    return this.end === this.#file.size
  }

  /**
   * Begins the window at `offset`, which lies in it, and reads on where it holds fewer than `minimum` bytes from there.
   * Fewer are in it afterwards only at the end of the file. @throws InputError
   */
  async moveTo(offset: number, minimum: number): Promise<void> {
    const kept = this.bytes.subarray(offset - this.base)
    this.base = offset
    this.bytes = kept
    if (kept.length >= minimum || this.atEndOfFile) return
    const memory = minimum > this.#memory.length ? Buffer.allocUnsafeSlow(minimum + READ_BYTES) : this.#memory
    memory.set(kept)
    this.#memory = memory
    const wanted = Math.min(memory.length, this.#file.size - offset)
    const added = memory.subarray(kept.length, wanted)
    const filled = await this.#file.read(added, offset + kept.length)
    if (filled < added.length) {
      throw new InputError({
        file: this.#file.path,
        offset: offset + kept.length + filled,
        problem: 'the file became shorter while it was read',
        expected: `${this.#file.size} bytes`,
      })
    }
    this.#observe?.(added)
    this.bytes = memory.subarray(0, wanted)
  }
}
