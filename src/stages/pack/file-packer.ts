import type { CachedSource } from '../../dataset/index.js'
import { xxh64 } from '../../hash/xxh64.js'
import { type Conversion, convert, type Outcome, skippedFor } from './convert.js'
import type { PackedContent } from './part-writer.js'
import type { PreviousVersion } from './previous-version.js'
import { type FileState, fileState, isSame, type SourceFile } from './source-file.js'
import type { ShardFile } from './source-reader.js'

/** Packs one file after another. What it returns is valid until the next one. */
export class FilePacker {
  readonly #conversion: Conversion | undefined
  readonly #previous: PreviousVersion | undefined

  constructor(conversion: Conversion | undefined, previous: PreviousVersion | undefined) {
    this.#conversion = conversion
    this.#previous = previous
  }

  /** @param known what the cache of the version before says of the file */
  async pack(file: ShardFile, known: CachedSource | undefined): Promise<PackedContent> {
    if (known !== undefined && isUnchanged(file, known)) {
      const outcome = this.#takeOver(known)
      if (outcome !== undefined) return { outcome, reused: true, state: known, fileHash: known.xxh64 }
    }
    let read: SourceFile
    try {
      read = file.read()
    } catch (error) {
      return { outcome: skippedFor(error), reused: false }
    }
    const { state } = read
    try {
      const content = await this.#packRead(read, known)
      return state === undefined ? content : { ...content, state }
    } catch (error) {
      return { outcome: skippedFor(error), reused: false, ...(state && { state }) }
    }
  }

  async #packRead(
    { bytes, state, racy }: SourceFile,
    known: CachedSource | undefined,
  ): Promise<PackedContent> {
    const hash = this.#conversion === undefined ? undefined : xxh64(bytes)
    // A file that was only touched or copied is not converted again.
    const same = known?.image.converted === true && known.xxh64 === hash
    const taken = same ? this.#takeOver(known) : undefined
    const outcome = taken ?? (await convert(bytes, this.#conversion))
    const content = { outcome, reused: taken !== undefined }
    if (state === undefined || racy || outcome.kind === 'damaged') return content
    return { ...content, fileHash: (outcome.kind === 'converted' && hash) || 'image' }
  }

  #takeOver(known: CachedSource): Outcome | undefined {
    const image = this.#previous?.imageOf(known)
    return image && { kind: known.image.converted ? 'converted' : 'as-is', image }
  }
}

function isUnchanged({ path }: ShardFile, known: FileState): boolean {
  const state = path === undefined ? undefined : fileState(path)
  return state !== undefined && isSame(state, known)
}
