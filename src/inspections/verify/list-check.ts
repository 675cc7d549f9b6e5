import { listBatches } from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'
import { KeyTable } from './key-table.js'

/** A `.lst` file against the records. 17 bytes a line, where keys are dense. */
export class ListCheck {
  readonly #report: FaultReport
  readonly #file: string
  readonly #keys: Float64Array
  /** As in records. */
  readonly #labels: Float32Array
  readonly #table: KeyTable
  readonly #seen: Uint8Array

  private constructor(file: string, keys: Float64Array, labels: Float32Array, report: FaultReport) {
    this.#report = report
    this.#file = file
    this.#keys = keys
    this.#labels = labels
    this.#seen = new Uint8Array(keys.length)
    this.#table = new KeyTable(keys, (position) => {
      this.#seen[position] = 1
      report.add({ kind: 'list', file, record: keys[position]!, problem: 'the list names a key twice' })
    })
  }

  /** Undefined where the list cannot be read at all. */
  static async read(path: string, file: string, report: FaultReport): Promise<ListCheck | undefined> {
    let keys = new Float64Array(1024)
    let labels = new Float32Array(1024)
    let count = 0
    try {
      for await (const rows of listBatches(path, (error) => report.addError('list', file, error))) {
        if (count + rows.length > keys.length) {
          const length = Math.max(count + rows.length, 2 * keys.length)
          keys = resized(keys, new Float64Array(length))
          labels = resized(labels, new Float32Array(length))
        }
        for (const { key, label } of rows) {
          keys[count] = key
          labels[count++] = label
        }
      }
    } catch (error) {
      report.addError('list', file, error)
      return undefined
    }
    return new ListCheck(file, keys.subarray(0, count), labels.subarray(0, count), report)
  }

  /** Label of a key, and notes that its record is there; undefined where the list does not name it. */
  labelOf(key: number): number | undefined {
    const position = this.#table.positionOf(key)
    if (position === -1) return undefined
    this.#seen[position] = 1
    return this.#labels[position]
  }

  /** Tells of lines without a record. @param isLost whether the record of a key is there but cannot be read */
  finish(isLost: (key: number) => boolean): void {
    for (let position = 0; position < this.#keys.length; position++) {
      const key = this.#keys[position]!
      if (this.#seen[position] === 1 || isLost(key)) continue
      const problem = 'the list names an image that is not in the .rec file'
      this.#report.add({ kind: 'list', file: this.#file, record: key, problem })
    }
  }
}

function resized<Column extends Float32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
