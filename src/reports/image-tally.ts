import type { Bin } from '../charts/index.js'
import {
  type Dataset,
  describedBatches,
  imageFormatCode,
  imageFormats,
  type ManifestBatch,
  readManifest,
} from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import type { ReadableImages } from './readable-images.js'

/** What the images of a dataset are, counted. */
export interface ImageTally {
  images: number
  /** Images of each identity, by label. */
  imagesOf: Uint32Array
  /** The most frequent first. 0 x 0 where nothing tells. */
  sizes: { width: number; height: number; images: number }[]
  formats: { format: string; images: number }[]
  /** Payload bytes of records, by bins that grow. */
  bytes: Bin[]
  totalBytes: number
  /** Images from each source of the dataset. */
  bySource: number[]
  /** Images whose bytes an image before them has too. */
  byteIdentical: number
  /** What ended the count early. */
  fault?: InputError
}

/** Sides of images of other tools are below it: those of a manifest have 16 bits. */
const SIDE_LIMIT = 2 ** 24

/** Bins of a doubling, before they are joined. */
const FINE_BINS = 8
const MOST_BINS = 24

/**
 * Counts the images by the manifest, else by a walk through the records. What cannot be read ends the count: the fault
 * is told with what was counted till then. @throws the reason of `signal`
 */
export async function tallyImages(
  dataset: Dataset,
  { signal, onImages }: { signal: AbortSignal; onImages: (count: number) => void },
): Promise<ImageTally> {
  const tally = new Tally(dataset)
  const { description, files } = dataset
  try {
    if (description !== undefined && files.manifest !== undefined) {
      for await (const batch of readManifest(files.manifest)) {
        signal.throwIfAborted()
        tally.addBatch(batch, files.manifest)
        onImages(batch.rows)
      }
    } else {
      for await (const images of describedBatches(dataset, signal)) {
        for (const image of images) tally.add({ ...image, format: imageFormatCode(image.format) })
        onImages(images.length)
      }
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { ...tally.result(), fault: error }
  }
  return tally.result()
}

/**
 * Counts the images of a damaged file that can be read.
 * @throws the reason of `signal`
 */
export async function tallyReadable(
  dataset: Dataset,
  readable: ReadableImages,
  { signal, onImages }: { signal: AbortSignal; onImages: (count: number) => void },
): Promise<ImageTally> {
  const tally = new Tally(dataset)
  for await (const images of readable.batches(signal)) {
    for (const image of images) tally.add(image)
    onImages(images.length)
  }
  return tally.result()
}

/** What is counted of an image. */
export interface CountedImage {
  label: number
  source: number
  width: number
  height: number
  format: number
  length: number
  xxh64: bigint
}

class Tally {
  readonly #imagesOf: Uint32Array
  readonly #sizes = new Map<number, number>()
  readonly #formats = new Float64Array(imageFormats.length)
  readonly #fineBins = new Float64Array(32 * FINE_BINS + 1)
  readonly #bySource: number[]
  readonly #hashes: BigUint64Array
  #images = 0
  #bytes = 0

  constructor({ identityCount, imageCount, description }: Dataset) {
    this.#imagesOf = new Uint32Array(identityCount)
    this.#hashes = new BigUint64Array(imageCount)
    this.#bySource = new Array<number>(description?.sources.length ?? 1).fill(0)
  }

  addBatch(batch: ManifestBatch, file: string): void {
    const { rows, labels, sources, widths, heights, formats, lengths, hashes } = batch
    if (this.#images + rows > this.#hashes.length) {
      throw new InputError({ file, problem: 'it has more rows than dataset.json says' })
    }
    for (let row = 0; row < rows; row++) {
      const label = labels[row]!
      if (!(label >= 0 && label < this.#imagesOf.length)) {
        const expected = `less than ${this.#imagesOf.length}, by dataset.json`
        const problem = 'the label has no identity in this dataset'
        throw new InputError({ file, record: batch.keys[row]!, problem, expected, actual: label })
      }
      this.add({
        label,
        source: sources[row]!,
        width: widths[row]!,
        height: heights[row]!,
        format: formats[row]!,
        length: lengths[row]!,
        xxh64: hashes[row]!,
      })
    }
  }

  add({ label, source, width, height, format, length, xxh64 }: CountedImage): void {
    this.#imagesOf[label]!++
    const size = width * SIDE_LIMIT + height
    this.#sizes.set(size, (this.#sizes.get(size) ?? 0) + 1)
    this.#formats[format < imageFormats.length ? format : 0]!++
    this.#fineBins[Math.floor(Math.log2(Math.max(1, length)) * FINE_BINS)]!++
    this.#bytes += length
    this.#bySource[source] = (this.#bySource[source] ?? 0) + 1
    this.#hashes[this.#images++] = xxh64
  }

  result(): ImageTally {
    const formats = Array.from(this.#formats, (images, code) => ({ format: imageFormats[code]!, images }))
    return {
      images: this.#images,
      imagesOf: this.#imagesOf,
      sizes: [...this.#sizes]
        .map(([size, images]) => ({
          width: Math.floor(size / SIDE_LIMIT),
          height: size % SIDE_LIMIT,
          images,
        }))
        .sort((a, b) => b.images - a.images || a.width - b.width || a.height - b.height),
      formats: formats.filter(({ images }) => images > 0).sort((a, b) => b.images - a.images),
      bytes: joinBins(this.#fineBins),
      totalBytes: this.#bytes,
      bySource: this.#bySource,
      byteIdentical: countRepeated(this.#hashes.subarray(0, this.#images)),
    }
  }
}

/** So many neighbours become one that about two dozen bins are left. */
function joinBins(fine: Float64Array): Bin[] {
  const first = fine.findIndex((count) => count > 0)
  if (first === -1) return []
  const last = fine.findLastIndex((count) => count > 0)
  const joined = Math.max(1, 2 ** Math.ceil(Math.log2((last - first + 1) / MOST_BINS)))
  const bins: Bin[] = []
  for (let bin = Math.floor(first / joined) * joined; bin <= last; bin += joined) {
    // The first whole number in the bin: what is as large as the edge is in it, what is smaller is not.
    const edge = (place: number) => Math.ceil(2 ** (place / FINE_BINS))
    const count = fine.subarray(bin, bin + joined).reduce((sum, value) => sum + value, 0)
    bins.push({ from: edge(bin), to: edge(bin + joined), count })
  }
  return bins
}

/** Sorts the hashes. */
function countRepeated(hashes: BigUint64Array): number {
  hashes.sort()
  let repeated = 0
  for (let i = 1; i < hashes.length; i++) if (hashes[i] === hashes[i - 1]) repeated++
  return repeated
}
