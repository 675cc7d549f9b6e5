import { Random } from '../../random/random.js'

/** Streams of random numbers of one seed that must not run together. */
const ORDER = 1
const FLIPS = 2

/** Which images a step uses: positions in the dataset, and 1 for those that are mirrored. */
export interface BatchPlan {
  step: number
  epoch: number
  positions: Uint32Array
  flips: Uint8Array
}

/**
 * Draws the batches of a run. A batch depends on the seed, the epoch and the step alone: a resumed run and any number
 * of workers see the same. Every epoch is a new permutation; images that do not fill a batch are left out of it.
 */
export class Sampler {
  readonly #images: number
  readonly #batchSize: number
  readonly #stepsPerEpoch: number
  readonly #seed: number
  readonly #flip: number
  #order: { epoch: number; positions: Uint32Array } | undefined

  /** @param options.flip probability of mirroring an image */
  constructor(options: { images: number; batchSize: number; seed: number; flip: number }) {
    this.#images = options.images
    this.#batchSize = options.batchSize
    this.#stepsPerEpoch = Math.floor(options.images / options.batchSize)
    this.#seed = options.seed
    this.#flip = options.flip
  }

  /** The batch of a step of the whole run, counted from 0. */
  batch(step: number): BatchPlan {
    const epoch = Math.floor(step / this.#stepsPerEpoch)
    const start = (step % this.#stepsPerEpoch) * this.#batchSize
    const random = new Random(this.#seed, FLIPS, epoch, step)
    return {
      step,
      epoch,
      positions: this.#orderOf(epoch).slice(start, start + this.#batchSize),
      flips: Uint8Array.from({ length: this.#batchSize }, () => Number(random.uniform() >= 1 - this.#flip)),
    }
  }

  /** The epoch's permutation, kept until another epoch is asked for. */
  #orderOf(epoch: number): Uint32Array {
    if (this.#order?.epoch !== epoch) {
      const positions = new Uint32Array(this.#images)
      for (let position = 0; position < positions.length; position++) positions[position] = position
      this.#order = { epoch, positions: new Random(this.#seed, ORDER, epoch).shuffle(positions) }
    }
    return this.#order.positions
  }
}
