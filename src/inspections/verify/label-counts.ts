import { LARGEST_EXACT_FLOAT32 } from '../../dataset/index.js'

/** Whether a number can be a label: labels are float32 in the format. */
export function isLabel(label: number): boolean {
  return Number.isInteger(label) && label >= 0 && label <= LARGEST_EXACT_FLOAT32
}

/** Images of each label, and the key of the first. 12 bytes a label. */
export class LabelCounts {
  #images = new Uint32Array(1024)
  #firstKeys = new Float64Array(1024)
  #end = 0

  /** @param label one for which `isLabel` holds */
  add(label: number, key: number): void {
    if (label >= this.#images.length) this.#grow(label + 1)
    if (this.#images[label]!++ === 0) this.#firstKeys[label] = key
    if (label >= this.#end) this.#end = label + 1
  }

  /** One more than the highest label. */
  get end(): number {
    return this.#end
  }

  /** Labels that have images. */
  get used(): number {
    let used = 0
    for (let label = 0; label < this.#end; label++) if (this.#images[label]! > 0) used++
    return used
  }

  images(label: number): number {
    return this.#images[label] ?? 0
  }

  /** -1 for a label without images. */
  firstKey(label: number): number {
    return this.images(label) === 0 ? -1 : this.#firstKeys[label]!
  }

  #grow(minimum: number): void {
    const length = Math.max(minimum, 2 * this.#images.length)
    const images = new Uint32Array(length)
    images.set(this.#images)
    this.#images = images
    const firstKeys = new Float64Array(length)
    firstKeys.set(this.#firstKeys)
    this.#firstKeys = firstKeys
  }
}
