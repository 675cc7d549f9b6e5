import { InputError } from '../errors/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { probe } from '../image/index.js'
import type { Dataset } from './dataset.js'
import { imageFormats } from './image-format.js'
import type { ImageRange } from './image-range.js'
import { type ListRow, listBatches } from './list-file.js'
import { type ManifestBatch, readManifest } from './manifest.js'
import type { StoredImage } from './stored-image.js'

/** An image with what a manifest says of it. */
export interface DescribedImage extends StoredImage {
  /** Position in the `sources` of its dataset. */
  source: number
  /** Path in its source; empty where it is not known. */
  path: string
  width: number
  height: number
  format: string
  xxh64: bigint
}

/** The images of a dataset as a manifest describes them, one by one: see `describedBatches`. Their bytes may be kept. */
export async function* describedImages(
  dataset: Dataset,
  signal?: AbortSignal,
): AsyncGenerator<DescribedImage> {
  for await (const batch of describedBatches(dataset, signal, 'fresh')) yield* batch
}

/**
 * The images of a dataset with their rows of the manifest, in file order, some megabytes at a time. In `reused` memory
 * their bytes are gone when the next batch is asked for. Without a manifest the rows are made: the path comes from the
 * `.lst` file, size and format from the image's header. Every image is hashed and compared.
 * @param range of positions; all images by default
 * @throws InputError, also for an image that is not the one the manifest describes; the reason of `signal`
 */
export async function* describedBatches(
  dataset: Dataset,
  signal?: AbortSignal,
  memory: 'fresh' | 'reused' = 'reused',
  range?: ImageRange,
): AsyncGenerator<DescribedImage[]> {
  const batches = dataset.imageBatches(signal, memory, range)
  const { description, files } = dataset
  if (description !== undefined && files.manifest !== undefined) {
    yield* withManifest(dataset, batches, files.manifest, range?.first ?? 0)
  } else {
    const before = range === undefined ? undefined : await dataset.keysBefore(range.first)
    yield* withoutManifest(batches, files.list, before)
  }
}

async function* withManifest(
  dataset: Dataset,
  batches: AsyncIterable<StoredImage[]>,
  manifest: string,
  first: number,
) {
  const rows = readManifest(manifest)
  let batch: ManifestBatch | undefined
  let row = first
  try {
    for await (const images of batches) {
      const described: DescribedImage[] = []
      for (const image of images) {
        while (batch === undefined || row >= batch.rows) {
          row -= batch?.rows ?? 0
          const next = await rows.next()
          if (next.done === true) throw mismatch(dataset, image, 'a row of the manifest', 'no more rows')
          batch = next.value
        }
        described.push(describe(dataset, image, batch, row++))
      }
      yield described
    }
  } finally {
    await rows.return(undefined)
  }
}

function describe(dataset: Dataset, image: StoredImage, batch: ManifestBatch, row: number): DescribedImage {
  const hash = xxh64(image.bytes)
  const offset = Number(batch.offsets[row])
  if (image.offset !== offset) {
    throw mismatch(dataset, image, `a record at offset ${offset}`, `one at ${image.offset}`)
  }
  if (image.key !== batch.keys[row] || image.label !== batch.labels[row]) {
    const expected = `key ${batch.keys[row]}, label ${batch.labels[row]}`
    throw mismatch(dataset, image, expected, `key ${image.key}, label ${image.label}`)
  }
  if (hash !== batch.hashes[row]) {
    throw mismatch(dataset, image, `xxh64 ${hashToHex(batch.hashes[row]!)}`, hashToHex(hash))
  }
  return {
    key: image.key,
    label: image.label,
    extraLabels: image.extraLabels,
    bytes: image.bytes,
    offset,
    length: image.length,
    source: batch.sources[row]!,
    path: batch.path(row),
    width: batch.widths[row]!,
    height: batch.heights[row]!,
    format: imageFormats[batch.formats[row]!] ?? 'unknown',
    xxh64: hash,
  }
}

/** @param before keys of the images before the first one: a list is read as if they had come too */
async function* withoutManifest(
  batches: AsyncIterable<StoredImage[]>,
  list: string | undefined,
  before: Float64Array | undefined,
) {
  const paths = list === undefined ? undefined : new ListedPaths(list)
  try {
    for (const key of before ?? []) await paths?.pathOf(key)
    for await (const images of batches) {
      const described: DescribedImage[] = []
      for (const image of images) {
        let path = paths?.find(image.key)
        if (path === undefined) path = await paths?.pathOf(image.key)
        const found = probe(image.bytes)
        described.push({
          key: image.key,
          label: image.label,
          extraLabels: image.extraLabels,
          bytes: image.bytes,
          offset: image.offset,
          length: image.length,
          source: 0,
          path: path ?? '',
          width: found?.width ?? 0,
          height: found?.height ?? 0,
          format: found?.format ?? 'unknown',
          xxh64: xxh64(image.bytes),
        })
      }
      yield described
    }
  } finally {
    await paths?.close()
  }
}

/** Paths of a list by key. Tools write list and records in the same order; a list may name images that they left out. */
class ListedPaths {
  readonly #batches: AsyncGenerator<ListRow[]>
  #rows: ListRow[] = []
  #at = 0

  constructor(list: string) {
    this.#batches = listBatches(list)
  }

  /** Passes over the lines at hand up to that of the key; undefined where it is not among them. */
  find(key: number): string | undefined {
    while (this.#at < this.#rows.length) {
      const row = this.#rows[this.#at++]!
      if (row.key === key) return row.path
    }
    return undefined
  }

  /** The same, among all lines that are left. @throws InputError */
  async pathOf(key: number): Promise<string | undefined> {
    let path = this.find(key)
    while (path === undefined && (await this.readOn())) path = this.find(key)
    return path
  }

  /** Takes the next lines at hand; false at the end of the list. @throws InputError */
  async readOn(): Promise<boolean> {
    const { done, value } = await this.#batches.next()
    if (done === true) return false
    this.#rows = value
    this.#at = 0
    return true
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined)
  }
}

function mismatch(dataset: Dataset, image: StoredImage, expected: string, actual: string): InputError {
  return new InputError({
    file: dataset.files.records,
    record: image.key,
    offset: image.offset,
    problem: 'not the image that the manifest describes',
    expected,
    actual,
    fix: 'The file was damaged or changed: copy the dataset again.',
  })
}
