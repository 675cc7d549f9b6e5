import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from '../io/index.js'

/** One call may not read 2 GiB. */
const READ_BYTES = 2 ** 30

/** Size and time of an archive: another state is another archive. */
export interface ArchiveState {
  bytes: number
  /** Milliseconds since 1970. */
  modified: number
}

/** An archive read synchronously at any offset, as worker threads do. */
export class ArchiveFile {
  readonly path: string
  readonly #descriptor: number

  private constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  /** @throws InputError */
  static open(path: string): ArchiveFile {
    try {
      return new ArchiveFile(path, openSync(path, 'r'))
    } catch (error) {
      throw inputErrorFrom(error, path)
    }
  }

  state(): ArchiveState {
    const { size, mtimeMs } = fstatSync(this.#descriptor)
    return { bytes: size, modified: mtimeMs }
  }

  /** @throws InputError where the file ends before */
  readExactly(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    const filled = this.read(bytes, offset)
    if (filled === length) return bytes
    throw new InputError({
      file: this.path,
      offset,
      problem: 'the archive ends too soon: it is truncated or damaged',
      expected: `${length} bytes`,
      actual: filled,
    })
  }

  /** Fewer bytes than asked for only at the end of the file. @throws InputError */
  read(target: Uint8Array, offset: number): number {
    let filled = 0
    try {
      while (filled < target.length) {
        const length = Math.min(READ_BYTES, target.length - filled)
        const count = readSync(this.#descriptor, target, filled, length, offset + filled)
        if (count === 0) break
        filled += count
      }
    } catch (error) {
      throw inputErrorFrom(error, this.path)
    }
    return filled
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
