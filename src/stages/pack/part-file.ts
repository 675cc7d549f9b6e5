import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import { AtomicFile, type ByteSink } from '../../io/index.js'
import type { ShardResult } from '../stage.js'

/**
 * A file of a part, hashed while it is written. Its hash is checked before a later run takes the part over, so that it
 * need not be durable: most parts are removed before the disk has seen them.
 */
export class PartFile implements ByteSink {
  readonly #file: AtomicFile
  readonly #hash = createXxh64()

  private constructor(file: AtomicFile) {
    this.#file = file
  }

  /** @throws OutputError */
  static async create(path: string): Promise<PartFile> {
    return new PartFile(await AtomicFile.create(path))
  }

  /** @throws OutputError */
  async write(...pieces: Uint8Array[]): Promise<void> {
    for (const piece of pieces) this.#hash.update(piece)
    await this.#file.write(...pieces)
  }

  /** Puts the file under its name. @throws OutputError */
  async finish(): Promise<Omit<ShardResult['files'][number], 'path'>> {
    const bytes = this.#file.position
    await this.#file.commit({ durable: false })
    return { bytes, xxh64: hashToHex(this.#hash.digest()) }
  }

  /** Drops what was written. */
  async discard(): Promise<void> {
    await this.#file.discard()
  }
}
