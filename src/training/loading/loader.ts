import { WorkerPool } from '../../workers/index.js'
import type { DistortionSampler } from './distortion-sampler.js'
import type { BatchPlan, Sampler } from './sampler.js'
import type { TrainingImages } from './training-images.js'

/** One batch, decoded. */
export interface Batch extends Pick<BatchPlan, 'step' | 'epoch' | 'positions'> {
  /** RGB, NCHW. Valid until the next batch is asked for: its memory then takes another batch. */
  images: Uint8Array
  labels: Int32Array
}

type DecodeTasks = Pick<typeof import('./decode-batch.js'), 'decodeBatch'>

const decodeWorker = new URL('../../../dist/training/loading/decode-batch.js', import.meta.url)

/** Batches ready or under way for each worker: one in work, one that waits for the step to take it. */
const BATCHES_PER_WORKER = 2

/**
 * Decodes batches ahead of the training step in worker threads. Batches come in the order of steps and are the same
 * for any number of workers.
 */
export class Loader {
  readonly #images: TrainingImages
  readonly #sampler: Sampler
  readonly #distortions: DistortionSampler | undefined
  readonly #depth: number
  readonly #pool: WorkerPool<DecodeTasks>
  /** Memory of batches that are done with: new memory for each would cost a third of the decoding. */
  readonly #spare: Uint8Array[] = []

  constructor(images: TrainingImages, sampler: Sampler, workers: number, distortions?: DistortionSampler) {
    this.#images = images
    this.#sampler = sampler
    this.#distortions = distortions
    this.#depth = workers * BATCHES_PER_WORKER
    this.#pool = new WorkerPool(decodeWorker, { threads: workers })
  }

  /** The batches of steps `first` to `end - 1`. @throws InputError naming a record that cannot be decoded */
  async *batches(first: number, end: number): AsyncGenerator<Batch> {
    const ahead: { plan: BatchPlan; images: Promise<Uint8Array> }[] = []
    let next = first
    for (let step = first; step < end; step++) {
      while (next < end && ahead.length < this.#depth) {
        const plan = this.#sampler.batch(next++)
        const images = this.#decode(plan)
        // A failure is reported when its batch is due; until then it must not count as unhandled.
        images.catch(() => {})
        ahead.push({ plan, images })
      }
      const { plan, images } = ahead.shift()!
      const labels = Int32Array.from(plan.positions, (position) => this.#images.labels[position]!)
      const decoded = await images
      yield { step, epoch: plan.epoch, positions: plan.positions, images: decoded, labels }
      this.#spare.push(decoded)
    }
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  #decode(plan: BatchPlan): Promise<Uint8Array> {
    const { positions, flips } = plan
    const { path, keys, offsets, lengths, height, width } = this.#images
    const column = (values: ArrayLike<number>) => Array.from(positions, (position) => values[position]!)
    const images = this.#spare.pop() ?? new Uint8Array(positions.length * 3 * height * width)
    const request = {
      path,
      keys: column(keys),
      offsets: column(offsets),
      lengths: column(lengths),
      flips,
      distortions: this.#distortions?.batch(plan, positions.length),
      height,
      width,
      images,
    }
    return this.#pool.run('decodeBatch', request, { transfer: [images.buffer as ArrayBuffer] })
  }
}
