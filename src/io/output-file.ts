import { type FileHandle, open } from 'node:fs/promises'
import { outputErrorFrom } from './system-error.js'
import { announceWrite } from './write-events.js'

/** Vectors per writev call: Linux's IOV_MAX. */
const MAXIMUM_VECTORS = 1024

/** After so many bytes the disk is told to begin: else it idles while a large file is made, and the last fsync takes all. */
const BYTES_A_FLUSH = 64 * 1024 * 1024

/** A new file written from front to back. Nothing is under a final name before `AtomicFile.commit`. */
export class OutputFile {
  readonly path: string
  readonly #handle: FileHandle
  #position = 0
  #flushAt = BYTES_A_FLUSH
  #flushing: Promise<void> | undefined
  #flushError: unknown

  private constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  /** Creates or truncates `path`. @throws OutputError */
  static async create(path: string): Promise<OutputFile> {
    announceWrite({ kind: 'create', path })
    try {
      return new OutputFile(path, await open(path, 'w'))
    } catch (error) {
      throw outputErrorFrom(error, path)
    }
  }

  /** Opens a file that is there, to write on from its end. @throws OutputError */
  static async continue(path: string): Promise<OutputFile> {
    try {
      const file = new OutputFile(path, await open(path, 'r+'))
      file.#position = (await file.#handle.stat()).size
      return file
    } catch (error) {
      throw outputErrorFrom(error, path)
    }
  }

  /** Bytes of the file so far. */
  get position(): number {
    return this.#position
  }

  /** Appends the pieces in order. The caller may reuse their memory once the promise is settled. @throws OutputError */
  async write(...pieces: Uint8Array[]): Promise<void> {
    for (let first = 0; first < pieces.length; first += MAXIMUM_VECTORS) {
      await this.#writeVectors(pieces.slice(first, first + MAXIMUM_VECTORS))
    }
  }

  async #writeVectors(pieces: Uint8Array[]): Promise<void> {
    let offset = this.#position
    for (const bytes of pieces) {
      announceWrite({ kind: 'write', path: this.path, offset, bytes })
      offset += bytes.length
    }
    let left = pieces
    try {
      while (left.length > 0) {
        const { bytesWritten } = await this.#handle.writev(left, this.#position)
        this.#position += bytesWritten
        left = dropBytes(left, bytesWritten)
      }
    } catch (error) {
      throw outputErrorFrom(error, this.path)
    }
    if (this.#position >= this.#flushAt) this.#flush()
  }

  /** In the background, one at a time. Linux tells of a failed write-back once: the error is kept for `sync`. */
  #flush(): void {
    if (this.#flushing !== undefined) return
    this.#flushAt = this.#position + BYTES_A_FLUSH
    this.#flushing = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#flushError ??= error
      })
      .finally(() => {
        this.#flushing = undefined
      })
  }

  /** Waits until what was written is on the disk. @throws OutputError */
  async sync(): Promise<void> {
    announceWrite({ kind: 'sync', path: this.path })
    await this.#flushing
    try {
      if (this.#flushError !== undefined) throw this.#flushError
      await this.#handle.sync()
    } catch (error) {
      throw outputErrorFrom(error, this.path)
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** The pieces without their first `count` bytes: a short write leaves the rest to the next call. */
function dropBytes(pieces: Uint8Array[], count: number): Uint8Array[] {
  let left = count
  let index = 0
  while (index < pieces.length && pieces[index]!.length <= left) left -= pieces[index++]!.length
  if (index === pieces.length) return []
  return [pieces[index]!.subarray(left), ...pieces.slice(index + 1)]
}
