import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeData, Uint64 } from 'apache-arrow'
import { ArrowFileWriter } from '../arrow/index.js'
import { InputError } from '../errors/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { AtomicFile } from '../io/index.js'
import type { EmbeddingModel } from './embedding-model.js'
import { cachedFields, describedSchema } from './embeddings-schema.js'
import { HashIndex } from './hash-index.js'
import { vectorData } from './vector-data.js'
import { VectorFile } from './vector-file.js'
import { readVectors, VectorParts } from './vector-parts.js'

/** Embeddings that wait in memory before they become a part: 32 MB of 512 numbers. */
const ROWS_PER_PART = 16_384

/** A killed run loses no more work than this. */
const MOST_MS_PER_PART = 60_000

export interface CachePlaces {
  /** Folder in which caches lie, one folder for each model. Made where it is missing. */
  folder: string
  /** Embeddings files that are looked into as well. */
  files?: string[]
}

/**
 * Embeddings by the hash of the image, of one model: no image is embedded twice. A part is a file that appears whole,
 * so that a killed run goes on behind the last one; runs beside each other add parts of their own. Vectors stay on disk;
 * memory grows by 24 bytes an image at most.
 */
export class EmbeddingCache {
  readonly #folder: string
  readonly #model: EmbeddingModel
  readonly #size: number
  /** Those that wait are numbered behind them. */
  readonly #parts = new VectorParts()
  readonly #index = new HashIndex()
  readonly #hashes = new BigUint64Array(ROWS_PER_PART)
  readonly #vectors: Float32Array
  #waiting = 0
  #since = 0

  private constructor(folder: string, model: EmbeddingModel) {
    this.#folder = folder
    this.#model = model
    this.#size = model.embedder.embeddingSize
    this.#vectors = new Float32Array(ROWS_PER_PART * this.#size)
  }

  /** @throws InputError for a part that cannot be read, and for a file of another model */
  static async open({ folder, files = [] }: CachePlaces, model: EmbeddingModel): Promise<EmbeddingCache> {
    const cache = new EmbeddingCache(join(folder, model.key), model)
    try {
      for (const path of await partsIn(cache.#folder)) await cache.#addPart(path)
      for (const path of files) await cache.#addPart(path)
      return cache
    } catch (error) {
      await cache.#parts.close()
      throw error
    }
  }

  /** Images whose embeddings are there. */
  get size(): number {
    return this.#index.size
  }

  /** The number under which `read` finds the embedding of an image; -1 where it is not there. */
  find(hash: bigint): number {
    return this.#index.get(hash)
  }

  /** Keeps an embedding. Between this and `ready` at most a part of them is added. @returns its number */
  add(hash: bigint, vector: Float32Array): number {
    const number = this.#parts.rows + this.#waiting
    if (!this.#index.add(hash, number)) return this.#index.get(hash)
    if (this.#waiting === 0) this.#since = performance.now()
    this.#hashes[this.#waiting] = hash
    this.#vectors.set(vector, this.#waiting * this.#size)
    this.#waiting++
    return number
  }

  /** Makes a part of what waits where that is much, or has waited long; `room` more are to be added next. @throws OutputError */
  async ready(room: number): Promise<void> {
    const due = this.#waiting > 0 && performance.now() - this.#since > MOST_MS_PER_PART
    if (due || this.#waiting + room > ROWS_PER_PART) await this.commit()
  }

  /** Vectors by their numbers, [numbers, embeddingSize]. @throws InputError */
  read(numbers: ArrayLike<number>): Float32Array {
    return readVectors(numbers, this.#size, (number, most, target) => this.#readRun(number, most, target))
  }

  /** Writes what waits as a part. @throws OutputError */
  async commit(): Promise<void> {
    const rows = this.#waiting
    if (rows === 0) return
    const hashes = this.#hashes.subarray(0, rows)
    const name = hashToHex(xxh64(new Uint8Array(hashes.buffer, 0, 8 * rows)))
    const path = join(this.#folder, `${name}.arrow`)
    const output = await AtomicFile.create(path)
    try {
      const schema = describedSchema(cachedFields(this.#size), modelNotes(this.#model))
      const file = new ArrowFileWriter(output, schema)
      file.append(rows, [
        makeData({ type: new Uint64(), data: hashes }),
        vectorData(this.#vectors.subarray(0, rows * this.#size), this.#size),
      ])
      await file.finish()
    } catch (error) {
      await output.discard()
      throw error
    }
    await output.commit()
    this.#parts.add(await VectorFile.open(path))
    this.#waiting = 0
  }

  /** Writes what waits and lets go of the files. @throws OutputError */
  async close(): Promise<void> {
    try {
      await this.commit()
    } finally {
      await this.#parts.close()
    }
  }

  #readRun(number: number, count: number, target: Float32Array): number {
    const { rows } = this.#parts
    if (number < rows) return this.#parts.read(number, Math.min(count, rows - number), target)
    const start = (number - rows) * this.#size
    target.set(this.#vectors.subarray(start, start + count * this.#size))
    return count
  }

  async #addPart(path: string): Promise<void> {
    const file = await VectorFile.open(path)
    try {
      refuseOtherModel(file, this.#model)
      let number = this.#parts.rows
      for await (const hashes of file.hashes()) for (const hash of hashes) this.#index.add(hash, number++)
    } catch (error) {
      await file.close()
      throw error
    }
    this.#parts.add(file)
  }
}

/** What an embeddings file says of the model behind it. */
export function modelNotes({ name, xxh64, key, embedder }: EmbeddingModel): Record<string, string> {
  const { color, mean, std } = embedder.input
  return { model: name, model_xxh64: xxh64, model_key: key, color, mean: String(mean), std: String(std) }
}

function refuseOtherModel({ path, size, metadata }: VectorFile, model: EmbeddingModel): void {
  const found = metadata.get('model_key')
  if (found === model.key && size === model.embedder.embeddingSize) return
  throw new InputError({
    file: path,
    problem: 'its embeddings are of another model',
    expected: `${model.name} (${model.key}, ${model.embedder.embeddingSize} numbers)`,
    actual: `${metadata.get('model') ?? 'a model that it does not name'} (${found ?? 'unknown'}, ${size} numbers)`,
    fix: 'Leave it out of --embeddings, or give --model the model that made it.',
  })
}

/** The parts of a cache, by name, so that every run finds the same embedding of an image. */
export async function partsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const parts = names.filter((name) => name.endsWith('.arrow') && !name.startsWith('.'))
  return parts.sort().map((name) => join(folder, name))
}
