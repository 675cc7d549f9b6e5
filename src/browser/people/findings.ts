import type { PhotoFinding } from '../api.js'

/** What a report of `clean` says of the images of a dataset, by key. */
export class Findings {
  readonly #byKey = new Map<number, PhotoFinding[]>()
  readonly #images: Float64Array

  /** @param identities of the dataset */
  constructor(identities: number) {
    this.#images = new Float64Array(identities)
  }

  add(key: number, label: number, finding: PhotoFinding): void {
    const known = this.#byKey.get(key)
    if (known === undefined) {
      this.#byKey.set(key, [finding])
      this.#images[label]!++
    } else known.push(finding)
  }

  of(key: number): PhotoFinding[] {
    return this.#byKey.get(key) ?? []
  }

  /** By label: images that rules found. */
  get imagesFound(): Float64Array {
    return this.#images
  }
}
