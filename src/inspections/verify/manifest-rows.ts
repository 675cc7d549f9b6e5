import { type ManifestBatch, readManifest } from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'

/** One row: the columns of its batch, and its position there. */
export interface ManifestRow {
  batch: ManifestBatch
  row: number
}

/** Walks the rows of a manifest in memory of two batches, so that the rows that come next can be looked at. */
export class ManifestRows {
  readonly #report: FaultReport
  readonly #file: string
  readonly #batches: AsyncGenerator<ManifestBatch>
  readonly #ahead: ManifestBatch[] = []
  #row = 0
  #ended = false
  #isWhole = true

  constructor(path: string, file: string, report: FaultReport) {
    this.#report = report
    this.#file = file
    this.#batches = readManifest(path)
  }

  /** False where the manifest could not be read to its end. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Whether `fill` must be called before the next rows are asked for. */
  get isShort(): boolean {
    return !this.#ended && this.#ahead.length < 2
  }

  async fill(): Promise<void> {
    while (this.isShort) {
      try {
        const { done, value } = await this.#batches.next()
        if (done === true) this.#ended = true
        else if (value.rows > 0) this.#ahead.push(value)
      } catch (error) {
        this.#ended = true
        this.#isWhole = false
        this.#report.addError('manifest', this.#file, error)
      }
    }
  }

  /** The row `distance` rows on; undefined beyond the last that is at hand. */
  peek(distance = 0): ManifestRow | undefined {
    const [batch, next] = this.#ahead
    if (batch === undefined) return undefined
    const row = this.#row + distance
    if (row < batch.rows) return { batch, row }
    return next === undefined ? undefined : { batch: next, row: row - batch.rows }
  }

  advance(): void {
    if (++this.#row < this.#ahead[0]!.rows) return
    this.#ahead.shift()
    this.#row = 0
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined)
  }
}
