import { imageFormats } from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'
import type { ImageShape } from './image-shape.js'

/** Sizes and formats of images against what the manifest says of each, else what the property file says of all. */
export class ShapeCheck {
  readonly #report: FaultReport
  readonly #manifest: string
  /** By the property file. */
  readonly #size: { width: number; height: number } | undefined
  #others = 0
  #other: { key: number; shape: ImageShape } | undefined

  constructor(manifest: string, size: { width: number; height: number } | undefined, report: FaultReport) {
    this.#manifest = manifest
    this.#size = size
    this.#report = report
  }

  /** Whether there is anything to compare an image with that has no row in a manifest. */
  get knowsSize(): boolean {
    return this.#size !== undefined
  }

  /** @param stated by its row of the manifest, where it has one; its bytes are those of the row */
  check(key: number, found: ImageShape, stated: ImageShape | undefined): void {
    if (stated === undefined) this.#checkSize(key, found)
    else if (
      found.width !== stated.width ||
      found.height !== stated.height ||
      found.format !== stated.format
    ) {
      this.#report.add({
        kind: 'size',
        file: this.#manifest,
        record: key,
        problem: 'size and format are not those of the image',
        expected: describe(found),
        actual: describe(stated),
      })
    }
  }

  /** Tells how many images have another size than the property file says: it may be the one that is wrong. */
  finish(property: string): void {
    if (this.#other === undefined) return
    this.#report.add({
      kind: 'size',
      file: property,
      record: this.#other.key,
      problem: `not the size of ${this.#others} images, of which this record is the first`,
      expected: `${this.#other.shape.width}x${this.#other.shape.height}`,
      actual: `${this.#size!.width}x${this.#size!.height}`,
    })
  }

  #checkSize(key: number, shape: ImageShape): void {
    if (this.#size === undefined || shape.width === 0) return
    if (shape.width === this.#size.width && shape.height === this.#size.height) return
    this.#others++
    this.#other ??= { key, shape }
  }
}

function describe({ width, height, format }: ImageShape): string {
  return `${imageFormats[format] ?? format} ${width}x${height}`
}
