import { type Dataset, imageFormats, readManifest } from '../../dataset/index.js'
import { probe } from '../../image/index.js'
import type { Progress } from '../../progress/progress.js'

/** What the images of a dataset are, by number; the most frequent first. */
export interface ImageCensus {
  /** The 100 most frequent ones, in pixels; 0 where an image does not tell. */
  sizes: { width: number; height: number; images: number }[]
  /** Of all. */
  distinctSizes: number
  formats: { format: string; images: number }[]
}

/** What one walk through a dataset counts. */
export interface DatasetCensus extends ImageCensus {
  /** By position in the sources of `dataset.json`; undefined for a dataset of another tool. */
  imagesBySource?: number[]
  /** By label; undefined where `identities.arrow` tells. */
  imagesByLabel?: Float64Array
}

interface Watch {
  progress: Progress
  signal?: AbortSignal | undefined
}

const SIZES_TOLD = 100

const SIDE_LIMIT = 2 ** 24

/** By the manifest; of a dataset of another tool by the heads of its images. @throws InputError */
export async function takeCensus(dataset: Dataset, watch: Watch): Promise<DatasetCensus> {
  const { manifest } = dataset.files
  const { description } = dataset
  watch.progress.start('counting', dataset.imageCount, 'images')
  try {
    return description === undefined || manifest === undefined
      ? await censusOfRecords(dataset, watch)
      : await censusOfManifest(manifest, description.sources.length, watch)
  } finally {
    watch.progress.finish()
  }
}

async function censusOfManifest(
  manifest: string,
  sources: number,
  { progress, signal }: Watch,
): Promise<DatasetCensus> {
  const tally = new ImageTally()
  const imagesBySource = new Array<number>(sources).fill(0)
  for await (const batch of readManifest(manifest)) {
    signal?.throwIfAborted()
    const { rows, widths, heights, formats, sources } = batch
    for (let row = 0; row < rows; row++) {
      tally.add(widths[row]!, heights[row]!, imageFormats[formats[row]!] ?? 'unknown')
      imagesBySource[sources[row]!]!++
    }
    progress.advance(rows)
  }
  return { ...tally.census(), imagesBySource }
}

async function censusOfRecords(dataset: Dataset, { progress, signal }: Watch): Promise<DatasetCensus> {
  const tally = new ImageTally()
  const imagesByLabel = new Float64Array(dataset.identityCount)
  for await (const images of dataset.imageBatches(signal)) {
    for (const { bytes, label } of images) {
      const { width = 0, height = 0, format = 'unknown' } = probe(bytes) ?? {}
      tally.add(width, height, format)
      imagesByLabel[label]!++
    }
    progress.advance(images.length)
  }
  return { ...tally.census(), imagesByLabel }
}

/** Counts images by size and format. */
export class ImageTally {
  readonly #sizes = new Map<number, number>()
  readonly #formats = new Map<string, number>()

  add(width: number, height: number, format: string): void {
    const size = width * SIDE_LIMIT + height
    this.#sizes.set(size, (this.#sizes.get(size) ?? 0) + 1)
    this.#formats.set(format, (this.#formats.get(format) ?? 0) + 1)
  }

  census(): ImageCensus {
    const sizes = mostFrequent(this.#sizes)
    return {
      sizes: sizes.slice(0, SIZES_TOLD).map(([size, images]) => {
        return { width: Math.floor(size / SIDE_LIMIT), height: size % SIDE_LIMIT, images }
      }),
      distinctSizes: sizes.length,
      formats: mostFrequent(this.#formats).map(([format, images]) => ({ format, images })),
    }
  }
}

function mostFrequent<T>(counts: ReadonlyMap<T, number>): [T, number][] {
  return [...counts].sort(([, a], [, b]) => b - a)
}
