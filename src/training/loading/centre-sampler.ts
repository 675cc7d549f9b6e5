import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { sampleCentres, sampledCentreCount } from '../../network/index.js'

/** Draws the class centres of each step of a run: a function of the seed, the step and the labels of its images. */
export class CentreSampler {
  /** Centres of every step. */
  readonly count: number
  readonly #seed: number
  readonly #classes: number

  constructor(options: { seed: number; classes: number; rate: number; imagesPerStep: number }) {
    this.count = sampledCentreCount(options.classes, options.rate, options.imagesPerStep)
    this.#seed = options.seed
    this.#classes = options.classes
  }

  /** int32 [count], ascending. `step` counts from 0, `labels` are those of all its images. */
  draw(step: number, labels: Int32Array): Int32Array {
    return sampleCentres({ seed: this.#seed, step, classes: this.#classes, count: this.count, labels })
  }
}

/** `centres_hash` of a line of the log: xxHash64 of the int32 values that `sampleCentres` gives, little-endian, in hex. */
export function hashOfCentres(centres: Int32Array): string {
  const bytes = new DataView(new ArrayBuffer(centres.byteLength))
  centres.forEach((centre, index) => {
    bytes.setInt32(index * Int32Array.BYTES_PER_ELEMENT, centre, true)
  })
  return hashToHex(xxh64(new Uint8Array(bytes.buffer)))
}
