import { join, posix } from 'node:path'
import { alignFace, centralFace } from '../../alignment/index.js'
import { InputError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { decodeRgb, encodeJpeg } from '../../image/index.js'
import { makeDirectory, type NewFile, syncDirectory, writeFileBatch } from '../../io/index.js'
import { skippedFor } from '../pack/convert.js'
import { readSourceFile, reusedMemory } from '../pack/source-file.js'
import type { ShardResult, StageContext } from '../stage.js'
import { type FaceFinder, finderOf } from './face-finder.js'
import { type AlignedPhoto, partFile, writePart } from './part.js'
import { photoPath } from './plan.js'
import type { AlignShard, PhotoFolder } from './shard.js'

/** Folder of the aligned images, below the scratch folder. */
export const ALIGNED = 'aligned'

/** Images that are made durable at a time, while the next ones are aligned. */
const IMAGES_PER_BATCH = 32

/** Aligns the photos of a shard, and writes the images and the shard's part below the scratch folder. */
export async function alignPhotos(shard: AlignShard, context: StageContext): Promise<ShardResult> {
  return new Aligning(shard, context, await finderOf(shard)).run()
}

class Aligning {
  readonly #shard: AlignShard
  readonly #context: StageContext
  readonly #finder: FaceFinder
  readonly #memory = reusedMemory()
  readonly #photos: AlignedPhoto[] = []
  readonly #files: ShardResult['files'] = []
  #batch: NewFile[] = []
  #durable: Promise<void> = Promise.resolve()

  constructor(shard: AlignShard, context: StageContext, finder: FaceFinder) {
    this.#shard = shard
    this.#context = context
    this.#finder = finder
  }

  async run(): Promise<ShardResult> {
    const { number, folders } = this.#shard
    const { scratch } = this.#context
    try {
      for (const folder of folders) await this.#alignFolder(folder)
      await this.#flush()
    } finally {
      await this.#durable.catch(() => {})
    }
    await this.#durable
    for (const { relativePath } of folders) await syncDirectory(join(scratch, ALIGNED, relativePath))
    const part = await writePart(scratch, number, this.#photos)
    const files = [
      ...this.#files,
      { path: partFile(number), bytes: part.length, xxh64: hashToHex(xxh64(part)) },
    ]
    const aligned = this.#files.length
    return { files, done: this.#photos.length, skipped: this.#photos.length - aligned }
  }

  async #alignFolder({ relativePath, names, aligned, faces }: PhotoFolder): Promise<void> {
    const { scratch, progress, signal } = this.#context
    await makeDirectory(join(scratch, ALIGNED, relativePath))
    for (const [i, name] of names.entries()) {
      signal.throwIfAborted()
      const path = photoPath(relativePath, name)
      const target = posix.join(ALIGNED, relativePath, aligned[i]!)
      const photo = await this.#alignPhoto(path, target, faces?.[i])
      this.#photos.push({ path, ...photo })
      if (this.#batch.length === IMAGES_PER_BATCH) await this.#flush()
      progress.advance(1, { skipped: 'reason' in photo ? 1 : 0 })
    }
  }

  async #alignPhoto(path: string, target: string, given: number[] | undefined) {
    const { folder, size, quality } = this.#shard
    try {
      if (/[\t\n\r]/.test(path)) throw new InputError({ problem: 'a tab or line break in the name' })
      const photo = await decodeRgb(readSourceFile(join(folder, path), this.#memory).bytes)
      const faces = await this.#finder(photo, given)
      const face = centralFace(faces, photo)!
      this.#add(target, encodeJpeg(alignFace(photo, face, size), quality))
      return { face, faces: faces.length }
    } catch (error) {
      return { reason: skippedFor(error).reason }
    }
  }

  #add(path: string, bytes: Uint8Array): void {
    this.#batch.push({ path: join(this.#context.scratch, path), bytes })
    this.#files.push({ path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) })
  }

  async #flush(): Promise<void> {
    const before = this.#durable
    this.#durable = writeFileBatch(this.#batch)
    this.#durable.catch(() => {})
    this.#batch = []
    await before
  }
}
