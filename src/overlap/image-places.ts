import { GrowingColumn } from '../dataset/index.js'

const FIRST_PATH_BYTES = 64 * 1024

/** Where an image stands in one side of an overlap. */
export interface ImagePlace {
  /** Key of its record; of a folder or a bin its position. */
  key: number
  /** -1 where it is not known. */
  label: number
  /** Path in its source; empty where it is not known. */
  path: string
}

/** Places of images by columns, and their paths as one text: no object for an image. */
export class ImagePlaces {
  readonly #keys = new GrowingColumn()
  readonly #labels = new GrowingColumn()
  readonly #ends = new GrowingColumn()
  #paths = Buffer.alloc(FIRST_PATH_BYTES)

  get count(): number {
    return this.#keys.length
  }

  /** @returns its number */
  add({ key, label, path }: ImagePlace): number {
    const number = this.count
    const start = this.#end(number)
    const bytes = Buffer.byteLength(path)
    if (start + bytes > this.#paths.length) {
      this.#paths = Buffer.concat([this.#paths], 2 * (start + bytes))
    }
    this.#paths.write(path, start, 'utf8')
    this.#keys.push(key)
    this.#labels.push(label)
    this.#ends.push(start + bytes)
    return number
  }

  get(number: number): ImagePlace {
    return {
      key: this.#keys.values[number]!,
      label: this.label(number),
      path: this.#paths.toString('utf8', this.#end(number), this.#end(number + 1)),
    }
  }

  label(number: number): number {
    return this.#labels.values[number]!
  }

  /** Where the path of the image before ends. */
  #end(number: number): number {
    return number === 0 ? 0 : this.#ends.values[number - 1]!
  }
}
