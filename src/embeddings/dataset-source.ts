import { type Dataset, describedBatches, type ImageRange } from '../dataset/index.js'
import type { ImageSource, SourceImage } from './image-source.js'

/** The images of a dataset, which is closed with it. */
export class DatasetSource implements ImageSource {
  readonly #dataset: Dataset

  constructor(dataset: Dataset) {
    this.#dataset = dataset
  }

  get name(): string {
    return this.#dataset.name
  }

  get images(): number {
    return this.#dataset.imageCount
  }

  get identities(): number {
    return this.#dataset.identityCount
  }

  names(): Promise<(string | undefined)[]> {
    return this.#dataset.identityNames()
  }

  async *batches(signal?: AbortSignal, range?: ImageRange): AsyncGenerator<SourceImage[]> {
    const names = await this.names()
    for await (const images of describedBatches(this.#dataset, signal, 'reused', range)) {
      yield images.map(({ key, label, path, bytes, xxh64 }) => {
        return { key, label, identity: names[label], path, bytes, xxh64 }
      })
    }
  }

  async close(): Promise<void> {
    await this.#dataset.close()
  }
}
