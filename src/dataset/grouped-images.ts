import type { Dataset } from './dataset.js'
import { type DescribedImage, describedBatches } from './described-images.js'

/** Images of one batch where they are read one by one, each from another place of the file. */
const SCATTERED_IMAGES = 256

/**
 * The images of a dataset by identity, in the order of labels; within one, in file order; in batches. A file in that
 * order is streamed. Another one is streamed once for what its manifest says, held by columns, and then read image by
 * image. Bytes are gone when the next batch is asked for.
 * @param ranks by label: its place in the order, instead of the label itself; labels of one place stay in file order
 * @throws as `describedBatches`
 */
export async function* groupedBatches(
  dataset: Dataset,
  signal?: AbortSignal,
  ranks?: Int32Array,
): AsyncGenerator<DescribedImage[]> {
  const byLabel = ranks === undefined || isAscending(ranks)
  if (byLabel && dataset.dialect === 'insightface') {
    yield* describedBatches(dataset, signal)
    return
  }
  const { labels } = await dataset.table()
  const order = byLabel ? labels : labels.map((label) => ranks[label]!)
  if (isAscending(order)) {
    yield* describedBatches(dataset, signal)
    return
  }
  const details = new DetailColumns(dataset.imageCount)
  for await (const images of describedBatches(dataset, signal)) {
    for (const image of images) details.add(image)
  }
  const positions = positionsInOrder(order)
  for (let first = 0; first < positions.length; first += SCATTERED_IMAGES) {
    signal?.throwIfAborted()
    const batch = positions.subarray(first, first + SCATTERED_IMAGES)
    const images = await dataset.imagesAt(batch)
    yield images.map((image, i) => ({ ...image, ...details.at(batch[i]!) }))
  }
}

/** What is known of images besides what their records hold, without an object an image. */
class DetailColumns {
  readonly #sources: Uint16Array
  readonly #widths: Uint16Array
  readonly #heights: Uint16Array
  readonly #hashes: BigUint64Array
  readonly #formats: string[] = []
  readonly #formatCodes: Uint8Array
  readonly #pathEnds: Float64Array
  #paths = Buffer.alloc(64 * 1024)
  #count = 0

  constructor(count: number) {
    this.#sources = new Uint16Array(count)
    this.#widths = new Uint16Array(count)
    this.#heights = new Uint16Array(count)
    this.#hashes = new BigUint64Array(count)
    this.#formatCodes = new Uint8Array(count)
    this.#pathEnds = new Float64Array(count + 1)
  }

  add({ source, path, width, height, format, xxh64 }: DescribedImage): void {
    const i = this.#count++
    this.#sources[i] = source
    this.#widths[i] = width
    this.#heights[i] = height
    this.#hashes[i] = xxh64
    if (!this.#formats.includes(format)) this.#formats.push(format)
    this.#formatCodes[i] = this.#formats.indexOf(format)
    const bytes = Buffer.from(path, 'utf8')
    const start = this.#pathEnds[i]!
    const end = start + bytes.length
    while (end > this.#paths.length)
      this.#paths = Buffer.concat([this.#paths, Buffer.alloc(this.#paths.length)])
    this.#paths.set(bytes, start)
    this.#pathEnds[i + 1] = end
  }

  at(i: number) {
    return {
      source: this.#sources[i]!,
      path: this.#paths.toString('utf8', this.#pathEnds[i], this.#pathEnds[i + 1]),
      width: this.#widths[i]!,
      height: this.#heights[i]!,
      format: this.#formats[this.#formatCodes[i]!]!,
      xxh64: this.#hashes[i]!,
    }
  }
}

/** Counting sort, stable: the positions of the numbers in their order. */
function positionsInOrder(numbers: Int32Array): Uint32Array {
  const count = numbers.reduce((a, b) => Math.max(a, b), -1) + 1
  const next = new Uint32Array(count + 1)
  for (const number of numbers) next[number + 1]!++
  for (let number = 0; number < count; number++) next[number + 1]! += next[number]!
  const positions = new Uint32Array(numbers.length)
  for (const [position, number] of numbers.entries()) positions[next[number]!++] = position
  return positions
}

function isAscending(numbers: Int32Array): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! < numbers[i - 1]!) return false
  return true
}
