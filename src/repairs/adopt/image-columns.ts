import { InputError } from '../../errors/index.js'

/** Keys have 32 bits in a manifest. */
const LARGEST_KEY = 0xffff_ffff

/** What is kept of the images that are walked over: 12 bytes each. */
export class ImageColumns {
  readonly count: number
  readonly keys: Float64Array
  readonly labels: Int32Array
  /** Images whose path no list tells. */
  withoutPath = 0
  /** Images that are of no known format. */
  unknown = 0
  /** Size of the first image that has one. */
  size: { width: number; height: number } | undefined
  /** Images of another size than the first. */
  otherSizes = 0
  #added = 0

  constructor(count: number) {
    this.count = count
    this.keys = new Float64Array(count)
    this.labels = new Int32Array(count)
  }

  /** @throws InputError for a key that a manifest cannot hold */
  add(
    image: { key: number; label: number; offset: number; path: string; width: number; height: number },
    file: string,
  ): void {
    const { key, label, offset, path, width, height } = image
    if (key > LARGEST_KEY) {
      throw new InputError({
        file,
        record: key,
        offset,
        problem: 'the key is larger than a manifest can hold',
        expected: `at most ${LARGEST_KEY}`,
        actual: key,
        fix: 'Write the dataset anew: `facedata shuffle` gives keys from 0 on.',
      })
    }
    this.keys[this.#added] = key
    this.labels[this.#added++] = label
    if (path === '') this.withoutPath++
    if (width === 0) this.unknown++
    else if (this.size === undefined) this.size = { width, height }
    else if (width !== this.size.width || height !== this.size.height) this.otherSizes++
  }
}
