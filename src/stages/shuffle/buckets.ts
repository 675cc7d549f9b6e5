import { join } from 'node:path'
import { BlockWriter, InputFile, makeDirectory, OutputFile, removeTree } from '../../io/index.js'
import { appendToBucket, type BucketImage, placesOfBucket, readFromBucket } from './bucket-record.js'

/** What a bucket should hold: read whole into memory. */
const BUCKET_BYTES = 256 * 1024 * 1024

/** Files that are written at once. A file larger than their product with `BUCKET_BYTES` has larger buckets. */
const MOST_BUCKETS = 512

/** Bytes gathered for a bucket before one write: a seek of a disk costs less than that. */
const BLOCK_BYTES = 256 * 1024

/** Images that are handed on at once. */
const BATCH_IMAGES = 256

/**
 * Puts images in another order on disk, with large sequential reads and writes alone. Each of the buckets holds the
 * images of one stretch of the new order: first every image is appended to its bucket, then each bucket is read whole
 * and handed on in order. Reading the images in the new order from where they lie would cost a seek each, which a
 * disk, or a file larger than memory, pays with milliseconds an image; this costs one more write and read of all.
 */
export class Buckets {
  readonly #folder: string
  readonly #images: number
  readonly #files: OutputFile[]
  readonly #writers: BlockWriter[]

  private constructor(folder: string, images: number, files: OutputFile[]) {
    this.#folder = folder
    this.#images = images
    this.#files = files
    this.#writers = files.map((file) => new BlockWriter(file, BLOCK_BYTES))
  }

  /**
   * Makes `folder` anew.
   * @param images number of all images
   * @param bytes of all images, about
   * @throws OutputError
   */
  static async create(
    folder: string,
    images: number,
    bytes: number,
    bucketBytes = BUCKET_BYTES,
  ): Promise<Buckets> {
    await removeTree(folder)
    await makeDirectory(folder)
    const count = Math.min(MOST_BUCKETS, images, Math.ceil(bytes / bucketBytes))
    const files: OutputFile[] = []
    for (let bucket = 0; bucket < count; bucket++)
      files.push(await OutputFile.create(join(folder, `${bucket}`)))
    return new Buckets(folder, images, files)
  }

  /** Takes an image, to stand at `rank` of the new order. The bytes are copied. */
  add(rank: number, image: BucketImage): void {
    const bucket = Math.floor((rank * this.#files.length) / this.#images)
    appendToBucket(this.#writers[bucket]!, rank - this.#firstRank(bucket), image)
  }

  /** Waits until the disk has caught up: to be awaited once for some megabytes of images. @throws OutputError */
  async ready(): Promise<void> {
    for (const writer of this.#writers) if (writer.behind) await writer.ready()
  }

  /** All images in the new order, in batches, once all are added. Payloads are good until the next batch. */
  async *inOrder(): AsyncGenerator<BucketImage[]> {
    for (const writer of this.#writers) await writer.flush()
    let memory = Buffer.alloc(0)
    for (const [bucket, { path, position }] of this.#files.entries()) {
      if (memory.length < position) memory = Buffer.allocUnsafeSlow(position)
      await readInto(memory.subarray(0, position), path)
      const places = placesOfBucket(memory, position, this.#firstRank(bucket + 1) - this.#firstRank(bucket))
      for (let first = 0; first < places.length; first += BATCH_IMAGES) {
        const batch = places.subarray(first, first + BATCH_IMAGES)
        yield Array.from(batch, (at) => readFromBucket(memory, at))
      }
      await removeTree(path)
    }
  }

  /** Closes and removes the files. @throws OutputError */
  async remove(): Promise<void> {
    for (const file of this.#files) await file.close()
    await removeTree(this.#folder)
  }

  /** The first rank r of which floor(r * buckets / images) is the bucket. */
  #firstRank(bucket: number): number {
    return Math.ceil((bucket * this.#images) / this.#files.length)
  }
}

async function readInto(memory: Uint8Array, path: string): Promise<void> {
  const file = await InputFile.open(path)
  try {
    await file.read(memory, 0)
  } finally {
    await file.close()
  }
}
