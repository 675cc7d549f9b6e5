import { createXxh64, hashToHex } from '../hash/xxh64.js'
import { OutputFile } from '../io/index.js'

/** A file of a new version that is hashed while it is written. */
export class HashedFile {
  readonly #file: OutputFile
  readonly #hash = createXxh64()

  private constructor(file: OutputFile) {
    this.#file = file
  }

  /** @throws OutputError */
  static async create(path: string): Promise<HashedFile> {
    return new HashedFile(await OutputFile.create(path))
  }

  /** @throws OutputError */
  async write(...pieces: Uint8Array[]): Promise<void> {
    for (const piece of pieces) this.#hash.update(piece)
    await this.#file.write(...pieces)
  }

  /** Makes the file durable and closes it. @throws OutputError */
  async finish(): Promise<{ bytes: number; xxh64: string }> {
    await this.#file.sync()
    await this.#file.close()
    return { bytes: this.#file.position, xxh64: hashToHex(this.#hash.digest()) }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** Bytes gathered before one write. */
const TEXT_BYTES = 256 * 1024

/** UTF-8 needs no more bytes than this for one UTF-16 code unit. */
const MOST_BYTES_A_UNIT = 3

/** Text gathered into large writes. */
export class HashedText {
  readonly #file: HashedFile
  readonly #buffer = Buffer.allocUnsafeSlow(TEXT_BYTES)
  #filled = 0

  private constructor(file: HashedFile) {
    this.#file = file
  }

  /** @throws OutputError */
  static async create(path: string): Promise<HashedText> {
    return new HashedText(await HashedFile.create(path))
  }

  /** @throws OutputError */
  async write(line: string): Promise<void> {
    const room = line.length * MOST_BYTES_A_UNIT
    if (this.#filled + room > TEXT_BYTES) await this.#flush()
    if (room > TEXT_BYTES) await this.#file.write(Buffer.from(line, 'utf8'))
    else this.#filled += this.#buffer.write(line, this.#filled, 'utf8')
  }

  /** Makes the file durable and closes it. @throws OutputError */
  async finish(): Promise<{ bytes: number; xxh64: string }> {
    await this.#flush()
    return this.#file.finish()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    await this.#file.write(this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }
}
