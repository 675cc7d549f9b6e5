import { join } from 'node:path'
import { HashedFile, HashedText, ManifestWriter } from '../../dataset/index.js'
import { makeDirectory, removeTree } from '../../io/index.js'

/** The files that a dataset lacks, as they are written in a folder of their own. */
export class AdoptedFiles {
  readonly folder: string
  readonly #files = new Map<string, HashedFile | HashedText>()

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Makes `folder` anew. @throws OutputError */
  static async create(folder: string): Promise<AdoptedFiles> {
    await removeTree(folder)
    await makeDirectory(folder)
    return new AdoptedFiles(folder)
  }

  /** Begins a file. @throws OutputError */
  async file(name: string): Promise<HashedFile> {
    const file = await HashedFile.create(join(this.folder, name))
    this.#files.set(name, file)
    return file
  }

  /** Begins a file of lines. @throws OutputError */
  async text(name: string): Promise<HashedText> {
    const file = await HashedText.create(join(this.folder, name))
    this.#files.set(name, file)
    return file
  }

  /** Begins the manifest. @throws OutputError */
  async manifest(): Promise<ManifestWriter> {
    return new ManifestWriter(await this.file('manifest.arrow'))
  }

  /** Ends all files. Sizes and hashes, by name. @throws OutputError */
  async finish(): Promise<Record<string, { bytes: number; xxh64: string }>> {
    const hashes: Record<string, { bytes: number; xxh64: string }> = {}
    for (const [name, file] of this.#files) hashes[name] = await file.finish()
    return hashes
  }

  /** Drops what was written. */
  async discard(): Promise<void> {
    for (const file of this.#files.values()) await file.close()
    await removeTree(this.folder).catch(() => {})
  }
}
