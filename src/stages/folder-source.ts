import { join, posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ImageRange } from '../dataset/index.js'
import type { ImageSource, SourceImage } from '../embeddings/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { type ImageFolder, scanFolder } from './pack/scan.js'
import { nameOf, noIdentity } from './pack/scanned-inputs.js'
import { fileState, readSourceFile } from './pack/source-file.js'

const IMAGES_PER_BATCH = 256

/** The images of a folder, by pack's rules: every folder that directly holds images is an identity, named by itself. */
export class FolderSource implements ImageSource {
  readonly name: string
  readonly images: number
  readonly identities: number
  readonly #root: string
  readonly #folders: ImageFolder[]

  private constructor(root: string, folders: ImageFolder[]) {
    this.name = nameOf({ relativePath: '' }, root)
    this.images = folders.reduce((sum, { names }) => sum + names.length, 0)
    this.identities = folders.length
    this.#root = root
    this.#folders = folders
  }

  /** @param root absolute @throws InputError where it cannot be read or holds no images */
  static async open(root: string): Promise<FolderSource> {
    const { folders, ignored } = await scanFolder(root)
    if (folders.length === 0) throw noIdentity(root, ignored)
    return new FolderSource(root, folders)
  }

  async names(): Promise<string[]> {
    return this.#folders.map((folder) => nameOf(folder, this.#root))
  }

  /** Changes with every name, size and time of the files. */
  stamp(): string {
    const files = this.#folders.flatMap(({ path, names }) =>
      names.map((name) => [join(path, name), fileState(join(path, name))]),
    )
    return hashToHex(xxh64(Buffer.from(JSON.stringify(files))))
  }

  async *batches(
    signal?: AbortSignal,
    range: ImageRange = { first: 0, end: this.images },
  ): AsyncGenerator<SourceImage[]> {
    const names = await this.names()
    let batch: SourceImage[] = []
    let key = 0
    for (const [label, folder] of this.#folders.entries()) {
      for (const file of folder.names) {
        if (key < range.first || key >= range.end) {
          key++
          continue
        }
        const { bytes } = readSourceFile(join(folder.path, file))
        const path = posix.join(folder.relativePath, file)
        batch.push({ key: key++, label, identity: names[label], path, bytes, xxh64: xxh64(bytes) })
        if (batch.length < IMAGES_PER_BATCH) continue
        yield batch
        batch = []
        await setImmediate()
        signal?.throwIfAborted()
      }
    }
    if (batch.length > 0) yield batch
  }

  async close(): Promise<void> {}
}
