import { createXxh64, hashToHex } from '../hash/xxh64.js'
import { BlockWriter, type ByteSink, OutputFile } from '../io/index.js'

/** A file of a new version that is hashed while it is written. */
export class HashedFile implements ByteSink {
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

/** Bytes gathered before one write of text. */
const TEXT_BYTES = 256 * 1024

/** A file of lines, hashed while it is written. */
export class HashedText {
  readonly #file: HashedFile
  readonly #lines: BlockWriter

  private constructor(file: HashedFile) {
    this.#file = file
    this.#lines = new BlockWriter(file, TEXT_BYTES)
  }

  /** @throws OutputError */
  static async create(path: string): Promise<HashedText> {
    return new HashedText(await HashedFile.create(path))
  }

  /** Appends UTF-8 text, written in the background. */
  append(text: string): void {
    this.#lines.appendText(text)
  }

  /** Waits until the disk has caught up. @throws OutputError */
  async ready(): Promise<void> {
    await this.#lines.ready()
  }

  /** Makes the file durable and closes it. @throws OutputError */
  async finish(): Promise<{ bytes: number; xxh64: string }> {
    await this.#lines.flush()
    return this.#file.finish()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
