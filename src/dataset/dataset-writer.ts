import { join } from 'node:path'
import { FacedataError } from '../errors/index.js'
import { xxh64 } from '../hash/xxh64.js'
import { allEnded, makeDirectory, removeTree, writeFileAtomically } from '../io/index.js'
import {
  IMAGE_HEADER_BYTES,
  indexLine,
  packImageHeader,
  RecordWriter,
  writeImageHeader,
} from '../recordio/index.js'
import { checkCapacity } from './capacity.js'
import { formatDescription, type Source, TOOL, withFingerprint } from './description.js'
import { type Dialect, dialects, type WrittenDialect } from './dialects/index.js'
import { HashedFile, HashedText } from './hashed-file.js'
import { emptyIdentityTable, type Identity, writeIdentities } from './identities.js'
import { imageFormatCode } from './image-format.js'
import { listLine } from './list-file.js'
import { ManifestWriter } from './manifest.js'
import { formatProperty } from './property.js'
import type { WrittenDataset } from './publish.js'

/** What is known of a dataset before its first image. */
export interface NewDataset {
  name: string
  dialect: WrittenDialect
  /** Size of its images, for `property`. */
  height: number
  width: number
  /** Folders or datasets that its images come from. */
  sources: Source[]
  /** The stage that makes it, and the options that decide its content. */
  stage: string
  options: unknown
}

/** An image to be stored as it is. */
export interface NewImage {
  label: number
  bytes: Uint8Array
  /** Labels after the first. */
  extraLabels?: Float32Array
  /** Position in `sources`. */
  source: number
  /** Path in that source, with `/`. */
  path: string
  width: number
  height: number
  /** One of `imageFormats`. */
  format: string
  /** xxHash64 of `bytes`, where it is known. */
  xxh64?: bigint
}

/** An image that is left out, and why: one line of `skipped.jsonl`. */
export interface SkippedImage {
  /** Name of the source. */
  source: string
  path: string
  reason: string
}

/** Records without an image between two waits for the disk. */
const TRAILER_RECORDS_A_TURN = 65_536

/**
 * Writes the files of a dataset into a folder of its own; `publishDataset` puts it under its name. Memory grows by
 * identities, not by images.
 */
export class DatasetWriter {
  readonly #folder: string
  readonly #dataset: NewDataset
  readonly #dialect: Dialect
  readonly #files: Files
  readonly #records: RecordWriter
  readonly #manifest: ManifestWriter
  readonly #identities: Identity[] = []
  readonly #imagesOf: number[] = []
  readonly #firstKeyOf: number[] = []
  readonly #plainHeader = Buffer.alloc(IMAGE_HEADER_BYTES)
  #images = 0
  #skipped = 0
  #lastLabel = 0

  private constructor(folder: string, dataset: NewDataset, files: Files) {
    this.#folder = folder
    this.#dataset = dataset
    this.#dialect = dialects[dataset.dialect]
    this.#files = files
    this.#records = new RecordWriter(files.records)
    this.#manifest = new ManifestWriter(files.manifest)
  }

  /** Makes `folder` anew: what an interrupted run left there is removed. @throws OutputError */
  static async create(folder: string, dataset: NewDataset): Promise<DatasetWriter> {
    await removeTree(folder)
    await makeDirectory(folder)
    return new DatasetWriter(folder, dataset, await createFiles(folder))
  }

  /** Where the next record begins in `train.rec`. */
  get position(): number {
    return this.#records.position
  }

  /** Images written so far. */
  get images(): number {
    return this.#images
  }

  /** Adds the identity with the next label and returns that label. @throws UsageError where the format holds no more */
  addIdentity(identity: Identity): number {
    const label = this.#identities.length
    checkCapacity(this.#dialect.name, this.#images, label + 1)
    this.#identities.push(identity)
    this.#imagesOf.push(0)
    this.#firstKeyOf.push(-1)
    return label
  }

  /**
   * Stores an image and returns its key. In the insightface dialect images come in the order of labels. The bytes are
   * copied, and written in the background: see `ready`. @throws UsageError where the dialect holds no more records
   */
  addImage(image: NewImage): number {
    const { label } = image
    const key = this.#dialect.firstKey + this.#images
    this.#checkImage(label)
    const header = this.#header(key, label, image.extraLabels)
    const offset = this.#records.append(header, image.bytes)
    this.#files.index.append(indexLine(key, offset))
    this.#files.list.append(listLine({ key, label, path: image.path }))
    this.#manifest.append({
      key,
      label,
      source: image.source,
      path: image.path,
      offset,
      length: header.length + image.bytes.length,
      width: image.width,
      height: image.height,
      format: imageFormatCode(image.format),
      xxh64: image.xxh64 ?? xxh64(image.bytes),
    })
    if (this.#imagesOf[label]!++ === 0) this.#firstKeyOf[label] = key
    this.#images++
    this.#lastLabel = label
    return key
  }

  /** Notes an image that is left out. */
  skip(image: SkippedImage): void {
    this.#skipped++
    this.#files.skipped.append(`${JSON.stringify(image)}\n`)
  }

  /** Whether more is written than the disk takes: then it is time to await `ready`. */
  get behind(): boolean {
    return this.#records.behind
  }

  /** Waits until the disk has caught up: to be awaited once for some megabytes of images. @throws OutputError */
  async ready(): Promise<void> {
    await this.#records.ready()
    await this.#manifest.ready()
    for (const text of ['index', 'list', 'skipped'] as const) await this.#files[text].ready()
  }

  /** Writes what comes after the images, and all the other files. @throws UsageError, OutputError */
  async finish(): Promise<WrittenDataset> {
    const table = this.#identityTable()
    for (const { key, labels } of this.#dialect.trailer(this.#images, table)) {
      const offset = this.#records.append(packImageHeader({ label: 0, id: BigInt(key), labels }))
      this.#files.index.append(indexLine(key, offset))
      if (key % TRAILER_RECORDS_A_TURN === 0) await this.ready()
    }
    await this.#records.flush()
    await this.#manifest.finish()
    await writeIdentities(this.#files.identities, table)
    const { dialect, height, width, name, sources, stage, options } = this.#dataset
    this.#files.property.append(formatProperty({ identities: table.count, height, width }))
    const description = withFingerprint({
      format: 1,
      tool: TOOL,
      name,
      dialect,
      images: this.#images,
      identities: table.count,
      emptyIdentities: this.#imagesOf.filter((images) => images === 0).length,
      skipped: this.#skipped,
      height,
      width,
      stage,
      options,
      sources,
      files: await finishFiles(this.#files),
    })
    await writeFileAtomically(join(this.#folder, 'dataset.json'), formatDescription(description))
    return { folder: this.#folder, description }
  }

  /** Drops what was written. What cannot be removed now is removed by the next `create`: the reason to discard counts. */
  async discard(): Promise<void> {
    await closeFiles(this.#files)
    await removeTree(this.#folder).catch(() => {})
  }

  /** One buffer serves all images with one label: its bytes are copied before the next. */
  #header(key: number, label: number, extraLabels: Float32Array | undefined): Uint8Array {
    if (extraLabels !== undefined && extraLabels.length > 0) {
      return packImageHeader({ label: 0, id: BigInt(key), labels: Float32Array.of(label, ...extraLabels) })
    }
    writeImageHeader(this.#plainHeader, label, key)
    return this.#plainHeader
  }

  #checkImage(label: number): void {
    const { name, grouped } = this.#dialect
    if (label < 0 || label >= this.#identities.length) {
      throw new FacedataError(`label ${label} has no identity among ${this.#identities.length}`)
    }
    if (grouped && label < this.#lastLabel) {
      throw new FacedataError(
        `label ${label} after ${this.#lastLabel}: the ${name} dialect is in the order of labels`,
      )
    }
    checkCapacity(name, this.#images + 1, this.#identities.length)
  }

  #identityTable() {
    const table = emptyIdentityTable(this.#identities.length)
    for (const [label, identity] of this.#identities.entries()) {
      table.names[label] = identity.name
      table.images[label] = this.#imagesOf[label]!
      table.firstKeys[label] = this.#firstKeyOf[label]!
      table.sources[label] = identity.source
      table.sourceNames[label] = identity.sourceName
      table.sourceLabels[label] = identity.sourceLabel
      table.joined[label] = identity.joined
    }
    return table
  }
}

interface Files {
  records: HashedFile
  index: HashedText
  list: HashedText
  property: HashedText
  manifest: HashedFile
  identities: HashedFile
  skipped: HashedText
}

const fileNames: Record<keyof Files, string> = {
  records: 'train.rec',
  index: 'train.idx',
  list: 'train.lst',
  property: 'property',
  manifest: 'manifest.arrow',
  identities: 'identities.arrow',
  skipped: 'skipped.jsonl',
}

async function createFiles(folder: string): Promise<Files> {
  const files: Partial<Files> = {}
  const path = (file: keyof Files) => join(folder, fileNames[file])
  try {
    files.records = await HashedFile.create(path('records'))
    files.index = await HashedText.create(path('index'))
    files.list = await HashedText.create(path('list'))
    files.property = await HashedText.create(path('property'))
    files.manifest = await HashedFile.create(path('manifest'))
    files.identities = await HashedFile.create(path('identities'))
    files.skipped = await HashedText.create(path('skipped'))
    return files as Files
  } catch (error) {
    await closeFiles(files)
    throw error
  }
}

async function closeFiles(files: Partial<Files>): Promise<void> {
  for (const file of Object.values(files)) await file.close()
}

/** All at once: a disk flushes seven files in little more time than one. */
async function finishFiles(files: Files): Promise<Record<string, { bytes: number; xxh64: string }>> {
  const names = Object.entries(fileNames) as [keyof Files, string][]
  const finished = await allEnded(
    names.map(async ([file, name]) => [name, await files[file].finish()] as const),
  )
  return Object.fromEntries(finished)
}
