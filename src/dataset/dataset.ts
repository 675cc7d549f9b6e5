import { InputError } from '../errors/index.js'
import type { RecordIndex, RecordReader } from '../recordio/index.js'
import { type DatasetFiles, findDatasetFiles } from './dataset-files.js'
import type { DatasetDescription } from './description.js'
import type { DialectName } from './dialects/index.js'
import { foreignFingerprint } from './foreign-fingerprint.js'
import { countIdentities, type IdentityTable, readIdentities } from './identities.js'
import { type ImageRange, walkIndex, walkTable } from './image-range.js'
import { walkByIndex } from './indexed-walk.js'
import { namesFromList } from './list-names.js'
import { type OpenedRecords, openDescribed, openForeign, type RecordWalk } from './opened-records.js'
import { labelsFromManifest, type RecordTable, tableFromImages, tableFromManifest } from './record-table.js'
import { scanRecords } from './scanned-records.js'
import { type StoredImage, storedImage } from './stored-image.js'

/** A dataset directory, of facedata or of another tool. */
export class Dataset {
  readonly files: DatasetFiles
  /** By `dataset.json`, else by its folder. */
  readonly name: string
  readonly dialect: DialectName
  readonly imageCount: number
  /** `num_classes`: labels are below it. */
  readonly identityCount: number
  /** Pixels, by `property`, else of the first image; 0 where neither tells. */
  readonly height: number
  readonly width: number
  /** `dataset.json`; undefined for a dataset of another tool. */
  readonly description: DatasetDescription | undefined
  readonly #reader: RecordReader
  readonly #opened: OpenedRecords
  #table: Promise<RecordTable> | undefined
  #unindexed: number[] = []

  private constructor(files: DatasetFiles, opened: OpenedRecords, identities: number) {
    this.files = files
    this.name = opened.description?.name ?? files.name
    this.dialect = opened.dialect
    this.imageCount = opened.images
    this.identityCount = identities
    this.height = opened.height
    this.width = opened.width
    this.description = opened.description
    this.#reader = opened.reader
    this.#opened = opened
  }

  /**
   * Opens a dataset by its folder or its `.rec` file (names: `resolveDataset`). A dataset without `dataset.json` costs
   * its index; one without a property file and identity records is read once to count its identities.
   * @throws InputError
   */
  static async open(path: string): Promise<Dataset> {
    return Dataset.#openFiles(await findDatasetFiles(path))
  }

  /**
   * Opens the records alone, as of a dataset of another tool, whatever `dataset.json` says: for one whose description or
   * manifest is damaged. Where only the records tell how many identities there are, those that can be read do.
   * @throws InputError
   */
  static async openRecords(path: string): Promise<Dataset> {
    const files = await findDatasetFiles(path)
    const records = { ...files, manifest: undefined, identities: undefined, description: undefined }
    return Dataset.#openFiles(records, async (dataset) => (await scanRecords(dataset)).table.labels)
  }

  static async #openFiles(
    files: DatasetFiles,
    labelsOf?: (dataset: Dataset) => Promise<Int32Array>,
  ): Promise<Dataset> {
    const opened =
      files.description === undefined
        ? await openForeign(files)
        : await openDescribed(files, files.description)
    if (opened.identities !== undefined) return new Dataset(files, opened, opened.identities)
    try {
      const uncounted = new Dataset(files, opened, Number.POSITIVE_INFINITY)
      const labels = labelsOf ? await labelsOf(uncounted) : (await uncounted.table()).labels
      const dataset = new Dataset(files, opened, labels.reduce((a, b) => Math.max(a, b), -1) + 1)
      dataset.#table = uncounted.#table
      return dataset
    } catch (error) {
      await opened.reader.close()
      throw error
    }
  }

  /** The folder behind all links. */
  get directory(): string {
    return this.files.folder
  }

  /** Offsets of the records that the index does not name, as the last walk met them: they are not read. */
  get unindexedRecords(): readonly number[] {
    return this.#unindexed
  }

  /**
   * Keys and offsets of all records that a dataset of another tool has by its index, those without an image among them;
   * in file order. Without an index, the one that was made of the records.
   */
  get recordIndex(): RecordIndex | undefined {
    return this.#opened.index
  }

  /** The images by columns, in file order; read once. Without a manifest the `.rec` file is read through. */
  table(): Promise<RecordTable> {
    const { manifest } = this.files
    this.#table ??=
      this.description === undefined || manifest === undefined
        ? tableFromImages(this.imageBatches(), this.imageCount)
        : tableFromManifest(manifest, this.imageCount, this.identityCount)
    return this.#table
  }

  /** The labels of the images, in file order: for whoever needs no more of the table. */
  async labels(): Promise<Int32Array> {
    const { manifest } = this.files
    if (this.#table !== undefined || this.description === undefined || manifest === undefined) {
      return (await this.table()).labels
    }
    return labelsFromManifest(manifest, this.imageCount, this.identityCount)
  }

  /** The identities by columns. Names of a foreign dataset are the folders in its `.lst` file, where it has one. */
  async identities(): Promise<IdentityTable> {
    const { identities } = this.files
    if (this.description !== undefined && identities !== undefined) {
      return readIdentities(identities, this.identityCount)
    }
    return countIdentities(await this.table(), await this.identityNames())
  }

  /** Names by label: `identities` without the counts, which cost a read of a foreign dataset. @throws InputError */
  async identityNames(): Promise<(string | undefined)[]> {
    if (this.description !== undefined) return (await this.identities()).names
    return namesFromList(this.files.list, this.identityCount)
  }

  /** The images in file order, one by one: see `imageBatches`. Their bytes may be kept. */
  async *images(signal?: AbortSignal): AsyncGenerator<StoredImage> {
    for await (const batch of this.imageBatches(signal, 'fresh')) yield* batch
  }

  /**
   * The images in file order, some megabytes at a time. In `reused` memory their bytes are gone when the next batch is
   * asked for. @param range of positions; all images by default
   * @throws InputError, also where the file holds other images than its index; the reason of `signal`
   */
  async *imageBatches(
    signal?: AbortSignal,
    memory: 'fresh' | 'reused' = 'reused',
    range?: ImageRange,
  ): AsyncGenerator<StoredImage[]> {
    const { path } = this.#reader.file
    if (range === undefined) this.#unindexed = []
    const expected = range === undefined ? this.imageCount : range.end - range.first
    if (expected === 0) return
    const { batches, keyOf } = await (range === undefined
      ? this.#walk(memory)
      : this.#walkRange(memory, range))
    let found = 0
    for await (const records of batches) {
      signal?.throwIfAborted()
      const images: StoredImage[] = []
      for (const record of records) {
        const key = keyOf(record)
        if (key !== undefined) images.push(storedImage(record, key, path, this.identityCount))
      }
      found += images.length
      if (images.length > 0) yield images
    }
    if (found === expected) return
    throw new InputError({
      file: path,
      problem: 'the file holds fewer images than its index',
      expected,
      actual: found,
    })
  }

  /** The records of an adopted dataset are another tool's: its manifest alone tells where the images are. */
  async #walk(memory: 'fresh' | 'reused'): Promise<RecordWalk> {
    if (this.description?.adopted !== true) {
      return this.#opened.walk(memory, (offset) => this.#unindexed.push(offset))
    }
    const { keys, offsets } = await this.table()
    let position = 0
    return {
      batches: walkByIndex(this.#reader, { keys, offsets }, memory, () => {}),
      keyOf: () => keys[position++],
    }
  }

  async #walkRange(memory: 'fresh' | 'reused', range: ImageRange): Promise<RecordWalk> {
    const foreign = this.#opened.imageIndex?.()
    if (foreign !== undefined) return walkIndex(this.#reader, foreign, range, memory)
    const table = await this.table()
    const walk = this.description?.adopted === true ? walkIndex : walkTable
    return walk(this.#reader, table, range, memory)
  }

  /** Keys of the images before a position. */
  async keysBefore(position: number): Promise<Float64Array> {
    const { keys } = this.#opened.imageIndex?.() ?? (await this.table())
    return keys.subarray(0, position)
  }

  /** The image at a position of the table. @throws InputError */
  async image(position: number): Promise<StoredImage> {
    const [image] = await this.imagesAt([position])
    return image!
  }

  /** Images at positions of the table, read synchronously: for a few hundred at a time. @throws InputError */
  async imagesAt(positions: ArrayLike<number>): Promise<StoredImage[]> {
    const table = await this.table()
    return Array.from(positions, (position) => {
      const key = table.keys[position]!
      const record = this.#reader.readAtSync(table.offsets[position]!, table.lengths[position]!)
      return storedImage(record, key, this.#reader.file.path, this.identityCount)
    })
  }

  /** Hash of the content; that of a dataset of another tool does not cover all of it: see `foreignFingerprint`. */
  async fingerprint(): Promise<string> {
    return this.description?.fingerprint ?? foreignFingerprint(this.#reader.file, this.files.index)
  }

  /** @throws InputError where the `.rec` file was written to after the dataset was opened */
  async checkUnchanged(): Promise<void> {
    await this.#reader.file.checkUnchanged()
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }
}
