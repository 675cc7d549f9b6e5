import { join } from 'node:path'
import pLimit from 'p-limit'
import { type Dataset, describedBatches, HashedText, listLine } from '../../dataset/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import {
  makeDirectory,
  removeTree,
  syncDirectory,
  writeFileAtomically,
  writeFileBatch,
} from '../../io/index.js'
import { closeDatasets, type DatasetInput, reopenDatasets } from '../dataset-input.js'
import { unindexedRecords } from '../left-out.js'
import type { ShardResult, StageContext } from '../stage.js'
import { FileNames, LIST_FILE, SKIPPED_FILE } from './file-names.js'

/** One shard: names are given out in the order of the file, and writing is bound by the disk. */
export interface UnpackShard {
  output: string
  input: DatasetInput
}

/** What was written, as the stage tells it. */
export interface UnpackCounts {
  images: number
  /** Those that have images. */
  identities: number
  /** Names of images and identities that could not stay as they were, or are not known. */
  changedNames: number
}

/** Below the scratch folder. */
export const FOLDER = 'images'
export const COUNTS = 'counts.json'

const SYNCS_AT_ONCE = 16

/** Writes the images below the scratch folder. @throws InputError, OutputError; the reason of the signal */
export async function writeImages(shard: UnpackShard, context: StageContext): Promise<ShardResult> {
  const [dataset] = await reopenDatasets([shard.input])
  try {
    return await new Unpacking(dataset!, context).run()
  } finally {
    await closeDatasets([dataset!])
  }
}

class Unpacking {
  readonly #dataset: Dataset
  readonly #context: StageContext
  readonly #folder: string
  readonly #hasFolder: Uint8Array

  constructor(dataset: Dataset, context: StageContext) {
    this.#dataset = dataset
    this.#context = context
    this.#folder = join(context.scratch, FOLDER)
    this.#hasFolder = new Uint8Array(dataset.identityCount)
  }

  async run(): Promise<ShardResult> {
    await removeTree(this.#folder)
    await makeDirectory(this.#folder)
    const names = new FileNames(await this.#dataset.identityNames(), this.#dataset.imageCount)
    try {
      const list = await this.#writeAll(names)
      const skipped = await this.#writeSkipped()
      await this.#syncFolders(names)
      const counts = await this.#writeCounts(names)
      const files = [
        { path: `${FOLDER}/${LIST_FILE}`, ...list },
        { path: COUNTS, ...counts },
      ]
      return { files, done: this.#dataset.imageCount, skipped }
    } catch (error) {
      await removeTree(this.#folder).catch(() => {})
      throw error
    }
  }

  /** Writes the images and the list of them, `key\tlabel\tpath` as im2rec has it. */
  async #writeAll(names: FileNames): Promise<{ bytes: number; xxh64: string }> {
    const { progress, signal } = this.#context
    const list = await HashedText.create(join(this.#folder, LIST_FILE))
    let durable: Promise<void> = Promise.resolve()
    try {
      progress.start('unpacking', this.#dataset.imageCount, 'images')
      for await (const images of describedBatches(this.#dataset, signal)) {
        const files = []
        for (const image of images) {
          const { key, label, bytes } = image
          if (this.#hasFolder[label] === 0) await this.#makeFolder(names, label)
          const path = `${names.folders[label]}/${names.fileOf(image)}`
          list.append(listLine({ key, label, path }))
          files.push({ path: join(this.#folder, path), bytes })
        }
        // The files of one batch are made durable while the next one is written.
        const before = durable
        durable = writeFileBatch(files)
        durable.catch(() => {})
        await before
        await list.ready()
        progress.advance(images.length)
      }
      await durable
      return await list.finish()
    } catch (error) {
      await durable.catch(() => {})
      await list.close()
      throw error
    }
  }

  async #writeSkipped(): Promise<number> {
    const skipped = unindexedRecords(this.#dataset, this.#context.log)
    const lines = skipped.map((record) => `${JSON.stringify(record)}\n`)
    if (lines.length > 0) await writeFileAtomically(join(this.#folder, SKIPPED_FILE), lines.join(''))
    return lines.length
  }

  async #writeCounts({ changed }: FileNames): Promise<{ bytes: number; xxh64: string }> {
    const counts: UnpackCounts = {
      images: this.#dataset.imageCount,
      identities: this.#hasFolder.reduce((sum, has) => sum + has, 0),
      changedNames: changed,
    }
    const bytes = Buffer.from(JSON.stringify(counts))
    await writeFileAtomically(join(this.#context.scratch, COUNTS), bytes)
    return { bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }
  }

  async #makeFolder(names: FileNames, label: number): Promise<void> {
    await makeDirectory(join(this.#folder, names.folders[label]!))
    this.#hasFolder[label] = 1
  }

  async #syncFolders({ folders }: FileNames): Promise<void> {
    const limit = pLimit(SYNCS_AT_ONCE)
    const made = folders.filter((_, label) => this.#hasFolder[label] === 1)
    await Promise.all(made.map((name) => limit(syncDirectory, join(this.#folder, name))))
    await syncDirectory(this.#folder)
  }
}
