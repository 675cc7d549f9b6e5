import { WorkerPool } from '../../workers/index.js'
import type { DecodeResult } from './decode-worker.js'
import type { FaultReport } from './fault-report.js'
import type { KnownImages } from './image-digests.js'
import type { ImageShape } from './image-shape.js'
import type { ShapeCheck } from './shape-check.js'

/** A task takes some tens of milliseconds, so that neither its start nor its end weighs. */
const IMAGES_A_TASK = 256
const BYTES_A_TASK = 16 * 1024 * 1024

/** Tasks handed out ahead, for each thread. */
const TASKS_AHEAD = 2

const workerUrl = new URL('../../../dist/inspections/verify/decode-worker.js', import.meta.url)

interface Batch {
  keys: number[]
  offsets: number[]
  lengths: number[]
  stated: (ImageShape | undefined)[]
  bytes: number
}

/** Decodes images in worker threads, which read them themselves. */
export class DecodeCheck {
  readonly #pool: WorkerPool<typeof import('./decode-worker.js')>
  readonly #path: string
  readonly #file: string
  readonly #shapes: ShapeCheck
  readonly #report: FaultReport
  readonly #signal: AbortSignal
  readonly #mostTasks: number
  readonly #known: KnownImages | undefined
  /** In the order in which they were handed out: faults are told in that order too. */
  readonly #running: { batch: Batch; result: Promise<DecodeResult> }[] = []
  #batch = emptyBatch()
  #decoded = 0

  constructor(
    records: { path: string; file: string },
    options: { jobs: number; signal: AbortSignal; known?: KnownImages | undefined },
    shapes: ShapeCheck,
    report: FaultReport,
  ) {
    this.#pool = new WorkerPool(workerUrl, { threads: options.jobs })
    this.#path = records.path
    this.#file = records.file
    this.#signal = options.signal
    this.#known = options.known
    this.#shapes = shapes
    this.#report = report
    this.#mostTasks = TASKS_AHEAD * options.jobs
  }

  /** Images decoded, those that failed among them. */
  get decoded(): number {
    return this.#decoded
  }

  /** @param stated by the image's row of the manifest */
  add(key: number, offset: number, length: number, stated: ImageShape | undefined): void {
    const batch = this.#batch
    batch.keys.push(key)
    batch.offsets.push(offset)
    batch.lengths.push(length)
    batch.stated.push(stated)
    batch.bytes += length
    if (batch.keys.length === IMAGES_A_TASK || batch.bytes >= BYTES_A_TASK) this.#start()
  }

  /** Waits until the threads have caught up: to be called once for some thousand images. */
  async ready(): Promise<void> {
    while (this.#running.length >= this.#mostTasks) await this.#takeResult()
  }

  async finish(): Promise<void> {
    this.#start()
    while (this.#running.length > 0) await this.#takeResult()
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  #start(): void {
    const batch = this.#batch
    if (batch.keys.length === 0) return
    this.#batch = emptyBatch()
    const result = this.#decode(batch)
    // An error is thrown where the result is taken; until then it must not count as unhandled.
    result.catch(() => {})
    this.#running.push({ batch, result })
  }

  async #decode({ offsets, lengths }: Batch): Promise<DecodeResult> {
    const known = this.#known?.decoded(offsets)
    if (known !== undefined) return known
    return this.#pool.run(
      'decodeImages',
      { path: this.#path, offsets: Float64Array.from(offsets), lengths: Uint32Array.from(lengths) },
      { signal: this.#signal },
    )
  }

  async #takeResult(): Promise<void> {
    const { batch, result } = this.#running.shift()!
    const { shapes, failures } = await result
    this.#decoded += batch.keys.length
    for (const [i, key] of batch.keys.entries()) {
      const shape = { width: shapes[3 * i]!, height: shapes[3 * i + 1]!, format: shapes[3 * i + 2]! }
      this.#shapes.check(key, shape, batch.stated[i])
    }
    for (const { position, reason } of failures) {
      this.#report.add({
        kind: 'decode',
        file: this.#file,
        record: batch.keys[position]!,
        offset: batch.offsets[position]!,
        problem: `the image cannot be decoded: ${reason}`,
      })
    }
  }
}

function emptyBatch(): Batch {
  return { keys: [], offsets: [], lengths: [], stated: [], bytes: 0 }
}
