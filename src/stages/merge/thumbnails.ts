import type { Dataset } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { decodeRgb, encodeJpeg, resize } from '../../image/index.js'

/** Images of an identity that are shown, spread over all it has. */
const SHOWN = 4
const SIDE = 56
const QUALITY = 75

/** Small JPEGs of the identities of one dataset. */
export class Thumbnails {
  readonly #dataset: Dataset
  /** Positions of images by label, where they are wanted. */
  readonly #positions: Map<number, number[]>

  private constructor(dataset: Dataset, positions: Map<number, number[]>) {
    this.#dataset = dataset
    this.#positions = positions
  }

  static async of(dataset: Dataset, labels: ReadonlySet<number>): Promise<Thumbnails> {
    const positions = new Map<number, number[]>()
    if (labels.size > 0) {
      for (const [position, label] of (await dataset.labels()).entries()) {
        if (!labels.has(label)) continue
        const found = positions.get(label)
        if (found === undefined) positions.set(label, [position])
        else found.push(position)
      }
    }
    return new Thumbnails(dataset, positions)
  }

  /** Some images of an identity; those that cannot be decoded are passed over. */
  async images(label: number): Promise<Uint8Array[]> {
    const all = this.#positions.get(label) ?? []
    const count = Math.min(SHOWN, all.length)
    const chosen = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
    const images: Uint8Array[] = []
    for (const { bytes } of await this.#dataset.imagesAt(chosen)) {
      try {
        const small = resize(await decodeRgb(bytes), { width: SIDE, height: SIDE, fit: 'cover' })
        images.push(encodeJpeg(small, QUALITY))
      } catch (error) {
        if (!(error instanceof InputError)) throw error
      }
    }
    return images
  }
}
