import { createXxh64, hashToHex } from '../hash/xxh64.js'
import { InputFile } from '../io/index.js'

const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * Hashes a whole file close behind another reader of it: what that one has read is still in memory, so that the disk
 * is read once.
 */
export class FollowingHash {
  readonly #file: InputFile
  readonly #hash = createXxh64()
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  #position = 0

  private constructor(file: InputFile) {
    this.#file = file
  }

  /** @throws InputError */
  static async open(path: string): Promise<FollowingHash> {
    return new FollowingHash(await InputFile.open(path))
  }

  /** Follows to where the other reader is. @throws InputError where the file became shorter */
  async follow(end: number): Promise<void> {
    while (this.#position < end) {
      const length = Math.min(CHUNK_BYTES, end - this.#position)
      const filled = await this.#file.read(this.#chunk.subarray(0, length), this.#position)
      if (filled < length) await this.#file.readExactly(this.#position, length)
      this.#hash.update(this.#chunk.subarray(0, filled))
      this.#position += filled
    }
  }

  /** @throws InputError where the file became shorter */
  async finish(): Promise<{ bytes: number; xxh64: string }> {
    await this.follow(this.#file.size)
    return { bytes: this.#file.size, xxh64: hashToHex(this.#hash.digest()) }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** Size and hash of a file. @throws InputError */
export async function hashOfFile(path: string): Promise<{ bytes: number; xxh64: string }> {
  const hash = await FollowingHash.open(path)
  try {
    return await hash.finish()
  } finally {
    await hash.close()
  }
}
