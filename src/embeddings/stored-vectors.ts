import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InputError } from '../errors/index.js'
import { partsIn } from './embedding-cache.js'
import { HashIndex } from './hash-index.js'
import { VectorFile } from './vector-file.js'
import { readVectors, VectorParts } from './vector-parts.js'

/** Embeddings that were computed before, by the hash of the image: to be read without the model that made them. */
export class StoredVectors {
  /** The file name of the model; empty where its files do not tell. */
  readonly model: string
  /** Numbers of a vector. */
  readonly size: number
  readonly #parts: VectorParts
  readonly #index: HashIndex

  private constructor(model: string, size: number, parts: VectorParts, index: HashIndex) {
    this.model = model
    this.size = size
    this.#parts = parts
    this.#index = index
  }

  /**
   * Opens an embeddings file, or a folder of them whose vectors are of one model: see `findStoredVectors`.
   * @throws InputError for a file that cannot be read, and for files of several models
   */
  static async open(place: string): Promise<StoredVectors> {
    const parts = new VectorParts()
    const index = new HashIndex()
    let first: VectorFile | undefined
    try {
      for (const path of await filesAt(place)) {
        const file = await VectorFile.open(path)
        let number = parts.rows
        parts.add(file)
        first ??= file
        refuseOtherModel(file, first)
        for await (const hashes of file.hashes()) for (const hash of hashes) index.add(hash, number++)
      }
      if (first !== undefined) {
        return new StoredVectors(first.metadata.get('model') ?? '', first.size, parts, index)
      }
    } catch (error) {
      await parts.close()
      throw error
    }
    throw new InputError({
      file: place,
      problem: 'holds no embeddings',
      fix: 'Make them with facedata embed.',
    })
  }

  /** The number under which `read` finds the embedding of an image; -1 where it is not there. */
  find(hash: bigint): number {
    return this.#index.get(hash)
  }

  /** Vectors by their numbers, [numbers, size], as the model gave them. @throws InputError */
  read(numbers: ArrayLike<number>): Float32Array {
    return readVectors(numbers, this.size, (number, most, target) => this.#parts.read(number, most, target))
  }

  async close(): Promise<void> {
    await this.#parts.close()
  }
}

/**
 * Where stored vectors are, at a place that a person names or where a cache would be: the file or folder itself, or the
 * one folder in it that holds most bytes of them; undefined where there are none. @throws InputError
 */
export async function findStoredVectors(place: string): Promise<string | undefined> {
  const found = await stat(place).catch(() => undefined)
  if (found === undefined) return undefined
  if (!found.isDirectory() || (await partsIn(place)).length > 0) return place
  let largest: { folder: string; bytes: number } | undefined
  for (const name of (await readdir(place)).sort()) {
    const folder = join(place, name)
    const bytes = await bytesIn(folder)
    if (bytes > (largest?.bytes ?? 0)) largest = { folder, bytes }
  }
  return largest?.folder
}

async function bytesIn(folder: string): Promise<number> {
  if (basename(folder).startsWith('.') || !(await stat(folder)).isDirectory()) return 0
  let bytes = 0
  for (const path of await partsIn(folder)) bytes += (await stat(path)).size
  return bytes
}

async function filesAt(place: string): Promise<string[]> {
  return (await stat(place)).isDirectory() ? partsIn(place) : [place]
}

function refuseOtherModel({ path, size, metadata }: VectorFile, first: VectorFile): void {
  const [key, firstKey] = [metadata.get('model_key'), first.metadata.get('model_key')]
  if (key === firstKey && size === first.size) return
  throw new InputError({
    file: path,
    problem: 'its embeddings are of another model than those beside it',
    expected: `${first.metadata.get('model') ?? 'unknown'} (${firstKey ?? 'unknown'}, ${first.size} numbers)`,
    actual: `${metadata.get('model') ?? 'unknown'} (${key ?? 'unknown'}, ${size} numbers)`,
    fix: 'Name one file, or a folder of one model.',
  })
}
