import { InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'
import { type Header, LENGTH_BYTES, MAXIMUM_HEADER_BYTES, parseHeader, type TensorEntry } from './header.js'
import { dataFromMemory, type Tensor } from './tensor.js'

/** One read call may not exceed 2 GiB, nor an array of bytes 4 GiB. */
const READ_BYTES = 256 * 1024 * 1024

/** A safetensors file: the header in memory, tensors read one at a time. */
export class SafetensorsFile {
  readonly path: string
  /** Free text that the writer put in. */
  readonly metadata: ReadonlyMap<string, string>
  /** By name, in the header's order. */
  readonly entries: ReadonlyMap<string, TensorEntry>
  readonly #file: InputFile

  private constructor(file: InputFile, header: Header) {
    this.path = file.path
    this.metadata = header.metadata
    this.entries = header.entries
    this.#file = file
  }

  /** Reads and checks the header. @throws InputError */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await InputFile.open(path)
    try {
      const length = new DataView((await file.readExactly(0, LENGTH_BYTES)).buffer).getBigUint64(0, true)
      const limit = Math.min(MAXIMUM_HEADER_BYTES, file.size - LENGTH_BYTES)
      if (length > limit) {
        throw new InputError({
          file: path,
          offset: 0,
          problem: 'safetensors header is too long',
          expected: `at most ${limit} bytes`,
          actual: length,
        })
      }
      return new SafetensorsFile(
        file,
        parseHeader(await file.readExactly(LENGTH_BYTES, Number(length)), path, file.size),
      )
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** With `shared`, into memory that threads share. @throws InputError where there is no such tensor */
  async read(name: string, { shared = false } = {}): Promise<Tensor> {
    const entry = this.entries.get(name)
    if (entry === undefined) throw new InputError({ file: this.path, problem: `has no tensor '${name}'` })
    const memory = shared ? new SharedArrayBuffer(entry.bytes) : new ArrayBuffer(entry.bytes)
    for (let start = 0; start < entry.bytes; start += READ_BYTES) {
      const piece = new Uint8Array(memory, start, Math.min(READ_BYTES, entry.bytes - start))
      const filled = await this.#file.read(piece, entry.offset + start)
      if (filled < piece.length) {
        throw new InputError({
          file: this.path,
          offset: entry.offset + start,
          problem: 'the file became shorter',
        })
      }
    }
    return { dtype: entry.dtype, shape: entry.shape, data: dataFromMemory(entry.dtype, memory) }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
