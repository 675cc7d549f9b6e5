import {
  countIdentities,
  Dataset,
  type IdentityTable,
  type LostRecords,
  ManifestRows,
  type RecordTable,
  scanRecords,
} from '../../dataset/index.js'
import { findStoredVectors, StoredVectors } from '../../embeddings/index.js'
import { InputError } from '../../errors/index.js'
import type { Log } from '../../progress/progress.js'
import { RecordReader, unpackImage } from '../../recordio/index.js'
import type { SortName } from '../api.js'
import type { Findings } from './findings.js'
import { PeopleOrder } from './people-order.js'
import { PhotoOrder } from './photo-order.js'
import { PhotosByLabel } from './photos-by-label.js'
import { Similarities } from './similarities.js'

/** How a dataset is opened to be looked at. */
export interface BrowseSettings {
  /** File or folder of embeddings, or where a cache of them would be. */
  embeddings: string
  log: Log
  signal?: AbortSignal | undefined
}

/**
 * A dataset that is held open and read from again and again: the version that was opened, also once another one has been
 * published over it. Memory: 24 to 28 bytes an image, the names, 4 bytes a person for each order that was asked for,
 * and 12 bytes for each photo of the people whose photos were sorted last.
 */
export class BrowsedDataset {
  readonly dataset: Dataset
  readonly table: RecordTable
  readonly people: IdentityTable
  readonly photos: PhotosByLabel
  readonly order: PeopleOrder
  readonly photoOrder: PhotoOrder
  /** Undefined for a dataset of another tool. */
  readonly manifest: ManifestRows | undefined
  readonly lost: readonly LostRecords[]
  readonly #reader: RecordReader
  readonly #embeddings: string | undefined
  #findings: Findings | undefined
  #similarities: Promise<Similarities> | undefined
  #vectors: StoredVectors | undefined

  private constructor(parts: Parts) {
    this.dataset = parts.dataset
    this.table = parts.table
    this.people = parts.people
    this.manifest = parts.manifest
    this.lost = parts.lost
    this.#reader = parts.reader
    this.#embeddings = parts.embeddings
    this.photos = new PhotosByLabel(this.table.labels, this.people.count)
    this.order = new PeopleOrder({
      names: this.people.names,
      images: this.people.images,
      valuesOf: async (sort) => (await this.valuesOf(sort))!,
    })
    this.photoOrder = new PhotoOrder({
      photos: this.photos,
      likenessOf: async (label) =>
        this.noSimilarity === undefined ? (await this.similarities()).ofPhotos(label) : undefined,
      findingsAt: (position) => this.#findings?.of(this.table.keys[position]!).length ?? 0,
    })
  }

  /**
   * Opens a dataset by its folder or its `.rec` file. Of one of another tool the header of every record is read.
   * @throws InputError; the reason of the signal
   */
  static async open(path: string, settings: BrowseSettings): Promise<BrowsedDataset> {
    const dataset = await Dataset.open(path)
    const opened: { close(): Promise<void> }[] = [dataset]
    try {
      const reader = await RecordReader.open(dataset.files.records)
      opened.push(reader)
      const { manifest: path } = dataset.files
      const described = dataset.description !== undefined && path !== undefined
      const manifest = described ? await ManifestRows.open(path) : undefined
      if (manifest !== undefined) opened.push(manifest)
      const { table, lost } = described
        ? { table: await dataset.table(), lost: [] }
        : await scanForeign(dataset, settings)
      const people = described
        ? await dataset.identities()
        : countIdentities(table, await dataset.identityNames())
      const embeddings = described ? await findStoredVectors(settings.embeddings) : undefined
      return new BrowsedDataset({ dataset, reader, manifest, table, lost, people, embeddings })
    } catch (error) {
      for (const one of opened) await one.close()
      throw error
    }
  }

  /** The bytes of an image, read from the `.rec` file at its offset. @throws InputError */
  async bytes(position: number): Promise<Uint8Array> {
    const offset = this.table.offsets[position]!
    const { path } = this.#reader.file
    const { payload } = await this.#reader.readAt(offset)
    return unpackImage(payload, { file: path, record: this.table.keys[position]!, offset }).image
  }

  /** What a report of `clean` says; undefined where none is open. */
  get findings(): Findings | undefined {
    return this.#findings
  }

  set findings(findings: Findings) {
    this.#findings = findings
    this.photoOrder.forgetFindings()
  }

  /** By label, what an order is by where it is shown with each person. @throws InputError where it cannot be had */
  async valuesOf(sort: SortName): Promise<ArrayLike<number> | undefined> {
    if (sort === 'noise') return this.#noise()
    return sort === 'similarity' ? (await this.similarities()).ofPeople() : undefined
  }

  /** @throws InputError where there are no embeddings */
  similarities(): Promise<Similarities> {
    if (this.#similarities === undefined) {
      this.#similarities = this.#openSimilarities()
      // What failed may succeed another time.
      this.#similarities.catch(() => (this.#similarities = undefined))
    }
    return this.#similarities
  }

  /** Orders that cannot be had, and what they need. */
  get missingSorts(): { sort: SortName; why: string }[] {
    const missing: { sort: SortName; why: string }[] = []
    if (this.#findings === undefined) missing.push({ sort: 'noise', why: NO_REPORT })
    const why = this.noSimilarity
    if (why !== undefined) missing.push({ sort: 'similarity', why })
    return missing
  }

  /** Why photos cannot be compared; undefined where they can. */
  get noSimilarity(): string | undefined {
    if (this.manifest === undefined) return NO_MANIFEST
    return this.#embeddings === undefined ? NO_EMBEDDINGS : undefined
  }

  async close(): Promise<void> {
    await this.dataset.close()
    await this.#reader.close()
    await this.manifest?.close()
    await this.#vectors?.close()
  }

  async #openSimilarities(): Promise<Similarities> {
    const why = this.noSimilarity
    if (why !== undefined) throw new InputError({ problem: why })
    this.#vectors = await StoredVectors.open(this.#embeddings!)
    return new Similarities(this.dataset, this.manifest!, this.photos, this.#vectors)
  }

  #noise(): Float64Array {
    if (this.#findings === undefined) throw new InputError({ problem: NO_REPORT })
    return this.#findings.imagesFound
  }
}

interface Parts {
  dataset: Dataset
  reader: RecordReader
  manifest: ManifestRows | undefined
  table: RecordTable
  lost: readonly LostRecords[]
  people: IdentityTable
  embeddings: string | undefined
}

const NO_REPORT = 'needs a report: facedata clean DATASET --dry-run, then browse --review its report.csv'
const NO_EMBEDDINGS = 'needs embeddings: facedata embed MODEL.onnx DATASET -o FILE.arrow'
const NO_MANIFEST =
  'needs a manifest: facedata adopt DATASET, then facedata embed MODEL.onnx DATASET -o FILE.arrow'

async function scanForeign(dataset: Dataset, { log, signal }: BrowseSettings) {
  log.info(`${dataset.name} has no manifest: the headers of its records are read (facedata adopt writes one)`)
  return scanRecords(dataset, signal)
}
