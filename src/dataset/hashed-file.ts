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

/** Text gathered into large writes. */
export class HashedText {
  readonly #file: HashedFile
  #lines: string[] = []

  private constructor(file: HashedFile) {
    this.#file = file
  }

  /** @throws OutputError */
  static async create(path: string): Promise<HashedText> {
    return new HashedText(await HashedFile.create(path))
  }

  /** @throws OutputError */
  async write(line: string): Promise<void> {
    if (this.#lines.push(line) >= 65_536) await this.#flush()
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
    const text = this.#lines.join('')
    this.#lines = []
    await this.#file.write(Buffer.from(text, 'utf8'))
  }
}
