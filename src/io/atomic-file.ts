import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { makeDirectory, removeTree, renamePath, syncDirectory } from './directory.js'
import { OutputFile } from './output-file.js'

/**
 * A file that appears under its name whole or not at all: written under a temporary name, fsynced, renamed. A killed
 * run leaves a `.NAME.XXXX.tmp` behind and the old file as it was.
 */
export class AtomicFile {
  readonly path: string
  readonly #file: OutputFile

  private constructor(path: string, file: OutputFile) {
    this.path = path
    this.#file = file
  }

  /**
   * Makes the folder where it is missing.
   * @param workshop where the unfinished file stands: the file's own folder, or one on the same file system that is
   * removed when the work is done, so that nothing stays of a killed run
   * @throws OutputError
   */
  static async create(path: string, workshop = dirname(path)): Promise<AtomicFile> {
    await makeDirectory(dirname(path))
    const temporary = join(workshop, `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`)
    return new AtomicFile(path, await OutputFile.create(temporary))
  }

  get position(): number {
    return this.#file.position
  }

  write(...pieces: Uint8Array[]): Promise<void> {
    return this.#file.write(...pieces)
  }

  /**
   * Puts the file under its name. A file that need not be durable can be damaged or gone after a crash of the machine:
   * for what is checked before it is used and can be made again. @throws OutputError
   */
  async commit({ durable } = { durable: true }): Promise<void> {
    try {
      try {
        if (durable) await this.#file.sync()
      } finally {
        await this.#file.close()
      }
      await renamePath(this.#file.path, this.path)
    } catch (error) {
      await removeTree(this.#file.path).catch(() => {})
      throw error
    }
    if (durable) await syncDirectory(dirname(this.path))
  }

  /** Drops what was written; the file under the name stays as it was. */
  async discard(): Promise<void> {
    await this.#file.close()
    await removeTree(this.#file.path)
  }
}

/** Writes a whole small file atomically: see `AtomicFile.create`. Text is UTF-8. @throws OutputError */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  workshop?: string,
): Promise<void> {
  const file = await AtomicFile.create(path, workshop)
  try {
    await file.write(typeof content === 'string' ? Buffer.from(content, 'utf8') : content)
  } catch (error) {
    await file.discard()
    throw error
  }
  await file.commit()
}
