import type { FaultReport } from './fault-report.js'
import { isLabel, LabelCounts } from './label-counts.js'
import type { LostRecords } from './lost-records.js'
import { type ManifestRow, ManifestRows } from './manifest-rows.js'

/** Rows that are looked at to find the one of a record, where those between have wrong offsets. */
const ROWS_AHEAD = 16

/** Which row belongs to which record. Both come in file order, so that few rows are in memory. */
export class ManifestCheck {
  readonly #report: FaultReport
  readonly #file: string
  readonly #rows: ManifestRows
  #passed = 0
  /** Images by label, as the rows say. */
  readonly labels = new LabelCounts()

  constructor(path: string, file: string, report: FaultReport) {
    this.#report = report
    this.#file = file
    this.#rows = new ManifestRows(path, file, report)
  }

  /** Rows passed so far. */
  get passed(): number {
    return this.#passed
  }

  /** False where the manifest could not be read to its end. */
  get isWhole(): boolean {
    return this.#rows.isWhole
  }

  /** Whether rows must be read, by `fill`, before one that `rowOf` does not find counts as missing. */
  get isShort(): boolean {
    return this.#rows.isShort
  }

  async fill(): Promise<void> {
    await this.#rows.fill()
  }

  /**
   * The row of the image at `offset`; undefined where it has none. Offsets only grow.
   * @param key of the record, by which a row with a wrong offset is known
   */
  rowOf(offset: number, key: number): ManifestRow | undefined {
    for (let found = this.#rows.peek(); found !== undefined; found = this.#rows.peek()) {
      const { batch, row } = found
      const stated = Number(batch.offsets[row])
      if (stated === offset) return this.#take(found)
      if (batch.keys[row] === key) {
        this.#report.add({
          kind: 'manifest',
          file: this.#file,
          record: key,
          problem: 'the offset is not that of the record',
          expected: offset,
          actual: stated,
        })
        return this.#take(found)
      }
      if (stated > offset && !this.#isAhead(offset)) break
      this.#tellUnmatched(found)
      this.#take(found)
    }
    return undefined
  }

  /** Passes over the rows of a damaged range. */
  async pass(end: number): Promise<LostRecords> {
    const lost: LostRecords = { count: 0, first: undefined }
    for (;;) {
      if (this.isShort) await this.fill()
      const found = this.#rows.peek()
      if (found === undefined) return lost
      const offset = Number(found.batch.offsets[found.row])
      if (offset >= end) return lost
      lost.first ??= { key: found.batch.keys[found.row]!, offset }
      lost.count++
      this.#take(found)
    }
  }

  /** Passes over the rows that are left. Those before the end of the file have no record; those beyond it are lost. */
  async finish(size: number): Promise<LostRecords> {
    const lost: LostRecords = { count: 0, first: undefined }
    for (;;) {
      if (this.isShort) await this.fill()
      const found = this.#rows.peek()
      if (found === undefined) return lost
      const offset = Number(found.batch.offsets[found.row])
      if (offset < size) this.#tellUnmatched(found)
      else {
        lost.first ??= { key: found.batch.keys[found.row]!, offset }
        lost.count++
      }
      this.#take(found)
    }
  }

  async close(): Promise<void> {
    await this.#rows.close()
  }

  #take(found: ManifestRow): ManifestRow {
    const { batch, row } = found
    const label = batch.labels[row]!
    if (isLabel(label)) this.labels.add(label, batch.keys[row]!)
    this.#passed++
    this.#rows.advance()
    return found
  }

  #isAhead(offset: number): boolean {
    for (let distance = 1; distance <= ROWS_AHEAD; distance++) {
      const next = this.#rows.peek(distance)
      if (next !== undefined && Number(next.batch.offsets[next.row]) === offset) return true
    }
    return false
  }

  #tellUnmatched({ batch, row }: ManifestRow): void {
    this.#report.add({
      kind: 'manifest',
      file: this.#file,
      record: batch.keys[row]!,
      problem: 'no record begins where the row says',
      actual: `offset ${batch.offsets[row]}`,
    })
  }
}
