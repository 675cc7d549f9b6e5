import { close, fstat, open, read, readSync, type Stats } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from './system-error.js'

const openDescriptor = promisify(open)
const statDescriptor = promisify(fstat)
const closeDescriptor = promisify(close)
const readDescriptor = promisify(read)

/** A file read at any offset, larger than memory if need be. */
export class InputFile {
  readonly path: string
  /** Size in bytes when it was opened. */
  readonly size: number
  /** For synchronous reads in worker threads. */
  readonly descriptor: number
  readonly #modified: number

  private constructor(path: string, { size, mtimeMs }: Stats, descriptor: number) {
    this.path = path
    this.size = size
    this.descriptor = descriptor
    this.#modified = mtimeMs
  }

  /** @throws InputError */
  static async open(path: string): Promise<InputFile> {
    try {
      const descriptor = await openDescriptor(path, 'r')
      const stat = await statDescriptor(descriptor)
      if (stat.isDirectory()) {
        await closeDescriptor(descriptor)
        throw new InputError({ file: path, problem: 'is a folder where a file was expected' })
      }
      return new InputFile(path, stat, descriptor)
    } catch (error) {
      throw inputErrorFrom(error, path)
    }
  }

  /** Reads into `target` from `offset`; fewer bytes than asked for only at the end of the file. @throws InputError */
  async read(target: Uint8Array, offset: number): Promise<number> {
    let filled = 0
    try {
      while (filled < target.length) {
        const { bytesRead } = await readDescriptor(
          this.descriptor,
          target,
          filled,
          target.length - filled,
          offset + filled,
        )
        if (bytesRead === 0) break
        filled += bytesRead
      }
    } catch (error) {
      throw inputErrorFrom(error, this.path)
    }
    return filled
  }

  /** The same, synchronously. @throws InputError */
  readSync(target: Uint8Array, offset: number): number {
    let filled = 0
    try {
      while (filled < target.length) {
        const count = readSync(this.descriptor, target, filled, target.length - filled, offset + filled)
        if (count === 0) break
        filled += count
      }
    } catch (error) {
      throw inputErrorFrom(error, this.path)
    }
    return filled
  }

  /** Reads exactly `length` bytes. @throws InputError where the file ends before */
  async readExactly(offset: number, length: number): Promise<Uint8Array> {
    const available = Math.max(0, this.size - offset)
    if (length > available) {
      throw new InputError({
        file: this.path,
        offset,
        problem: 'the file ends too soon',
        expected: `${length} bytes`,
        actual: available,
      })
    }
    const bytes = new Uint8Array(length)
    const filled = await this.read(bytes, offset)
    if (filled < length) {
      throw new InputError({
        file: this.path,
        offset,
        problem: 'the file became shorter while it was read',
        expected: `${length} bytes`,
        actual: filled,
      })
    }
    return bytes
  }

  /** @throws InputError where the file was written to after it was opened: what was read may be part old, part new */
  async checkUnchanged(): Promise<void> {
    const { size, mtimeMs } = await statDescriptor(this.descriptor)
    if (size === this.size && mtimeMs === this.#modified) return
    throw new InputError({
      file: this.path,
      problem: 'the file was written to while it was read',
      fix: 'Run the command again when nothing writes to it.',
    })
  }

  async close(): Promise<void> {
    await closeDescriptor(this.descriptor)
  }
}

/** A whole small file. @throws InputError, also above `limit` bytes */
export async function readWholeFile(path: string, limit = 256 * 1024 * 1024): Promise<Buffer> {
  const file = await InputFile.open(path)
  await file.close()
  if (file.size > limit) {
    throw new InputError({
      file: path,
      problem: 'file is too large',
      expected: `at most ${limit} bytes`,
      actual: file.size,
    })
  }
  try {
    return await readFile(path)
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}
