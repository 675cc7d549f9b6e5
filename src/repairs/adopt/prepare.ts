import { join } from 'node:path'
import {
  countIdentities,
  type Dataset,
  type DatasetDescription,
  type DescribedImage,
  describedBatches,
  formatDescription,
  formatProperty,
  type IdentityTable,
  imageFormatCode,
  listLine,
  type ManifestRow,
  readProperty,
  writeIdentities,
} from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { replaceLink, syncDirectory, writeFileAtomically } from '../../io/index.js'
import type { Log, Progress } from '../../progress/progress.js'
import { indexLine } from '../../recordio/index.js'
import { FollowingHash } from '../following-hash.js'
import { AdoptedFiles } from './adopted-files.js'
import { describeAdopted } from './description.js'
import { ImageColumns } from './image-columns.js'
import { checkList } from './list-check.js'
import { checkProperty } from './property-check.js'
import type { AdoptTarget } from './target.js'
import { warnOfOddities } from './warnings.js'

export interface AdoptContext {
  log: Log
  progress: Progress
  signal: AbortSignal
}

/** Lines of an index between two looks at whether the disk has caught up. */
const LINES_A_TURN = 65_536

/**
 * Writes all that a dataset lacks into `workshop`, `dataset.json` last, and changes nothing else.
 * @throws InputError where one of its files is not true of its records; OutputError; the reason of the signal
 */
export async function prepareFiles(
  target: AdoptTarget,
  dataset: Dataset,
  workshop: string,
  context: AdoptContext,
): Promise<DatasetDescription> {
  const files = await AdoptedFiles.create(workshop)
  try {
    return await new Preparation(target, dataset, files, context).run()
  } catch (error) {
    await files.discard()
    throw error
  }
}

class Preparation {
  readonly #target: AdoptTarget
  readonly #dataset: Dataset
  readonly #files: AdoptedFiles
  readonly #context: AdoptContext
  readonly #images: ImageColumns
  #skipped = 0

  constructor(target: AdoptTarget, dataset: Dataset, files: AdoptedFiles, context: AdoptContext) {
    this.#target = target
    this.#dataset = dataset
    this.#files = files
    this.#context = context
    this.#images = new ImageColumns(dataset.imageCount)
  }

  async run(): Promise<DatasetDescription> {
    const records = await this.#walk()
    await this.#writeIndex()
    await this.#writeSkipped()
    await this.#writeProperty()
    this.#warn()
    const identities = await this.#writeIdentities()
    const description = await describeAdopted(
      this.#target,
      this.#dataset,
      identities,
      this.#files.folder,
      this.#skipped,
      { 'train.rec': records, ...(await this.#files.finish()) },
    )
    for (const [name, to] of Object.entries(this.#target.links)) {
      await replaceLink(join(this.#files.folder, name), to)
    }
    await writeFileAtomically(join(this.#files.folder, 'dataset.json'), formatDescription(description))
    await syncDirectory(this.#files.folder)
    return description
  }

  /** Writes manifest and list, and hashes the records. */
  async #walk(): Promise<{ bytes: number; xxh64: string }> {
    const { files } = this.#target
    const { progress, signal } = this.#context
    const manifest = await this.#files.manifest()
    const list = files.list === undefined ? await this.#files.text('train.lst') : undefined
    const hash = await FollowingHash.open(files.records)
    try {
      progress.start('adopting', this.#dataset.imageCount, 'images')
      for await (const images of describedBatches(this.#dataset, signal)) {
        for (const image of images) {
          const { key, label, path } = image
          this.#images.add(image, files.records)
          list?.append(listLine({ key, label, path }))
          manifest.append(rowOf(image))
        }
        await manifest.ready()
        await list?.ready()
        await hash.follow(images.at(-1)!.offset)
        progress.advance(images.length)
      }
      await manifest.finish()
      return await hash.finish()
    } finally {
      await hash.close()
    }
  }

  async #writeIndex(): Promise<void> {
    if (this.#target.files.index !== undefined) return
    const { keys, offsets } = this.#dataset.recordIndex!
    const index = await this.#files.text('train.idx')
    for (let i = 0; i < keys.length; i++) {
      index.append(indexLine(keys[i]!, offsets[i]!))
      if (i % LINES_A_TURN === 0) await index.ready()
    }
  }

  /** Records that the index does not name, and lines of the list without a record. */
  async #writeSkipped(): Promise<void> {
    const skipped = await this.#files.text('skipped.jsonl')
    const { name } = this.#target
    const add = (path: string, reason: string) => {
      skipped.append(`${JSON.stringify({ source: name, path, reason })}\n`)
      this.#skipped++
    }
    for (const offset of this.#dataset.unindexedRecords)
      add('', `the record at offset ${offset} is not in the index`)
    const { list } = this.#target.files
    if (list === undefined) return
    for await (const { path, reason } of checkList(list, this.#images, name)) {
      add(path, reason)
      if (this.#skipped % LINES_A_TURN === 0) await skipped.ready()
    }
  }

  async #writeProperty(): Promise<void> {
    const { property, records } = this.#target.files
    const { identityCount, height, width } = this.#dataset
    if (property !== undefined) {
      checkProperty(await readProperty(property), property, this.#images)
      return
    }
    if (height === 0 || width === 0) {
      throw new InputError({
        file: records,
        problem: 'the first image does not tell the size of the images',
        fix: 'Write a property file beside it, of one line: identities,height,width.',
      })
    }
    const file = await this.#files.text('property')
    file.append(formatProperty({ identities: identityCount, height, width }))
  }

  async #writeIdentities(): Promise<IdentityTable> {
    const names = Array.from(await this.#dataset.identityNames())
    const table = {
      ...countIdentities(this.#images, names),
      sourceNames: names,
      sourceLabels: new Int32Array(names.length).map((_, label) => label),
    }
    await writeIdentities(await this.#files.file('identities.arrow'), table)
    return table
  }

  #warn(): void {
    const unindexed = this.#dataset.unindexedRecords.length
    const { name, files } = this.#target
    const left = { unindexed, unpacked: this.#skipped - unindexed, hasList: files.list !== undefined }
    warnOfOddities(name, this.#images, left, this.#context.log)
  }
}

function rowOf(image: DescribedImage): ManifestRow {
  const { key, label, source, path, offset, length, width, height, xxh64 } = image
  const format = imageFormatCode(image.format)
  return { key, label, source, path, offset, length, width, height, format, xxh64 }
}
