import { type ListColumns, readListColumns } from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'
import { KeyTable } from './key-table.js'

/** A `.lst` file against the records. 17 bytes a line, where keys are dense. */
export class ListCheck {
  readonly #report: FaultReport
  readonly #file: string
  readonly #keys: Float64Array
  readonly #labels: Float64Array
  readonly #table: KeyTable
  readonly #seen: Uint8Array
  /** Lines that cannot be read: that many images may be without one. */
  #wrongLines: number

  private constructor(file: string, { keys, labels }: ListColumns, wrongLines: number, report: FaultReport) {
    this.#wrongLines = wrongLines
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
    let wrongLines = 0
    try {
      const columns = await readListColumns(path, (error) => {
        wrongLines++
        report.addError('list', file, error)
      })
      return new ListCheck(file, columns, wrongLines, report)
    } catch (error) {
      report.addError('list', file, error)
      return undefined
    }
  }

  /**
   * Label of the image at `offset`, and notes that it is there; undefined, and a fault, where the list does not name it.
   * @param records name of the `.rec` file
   */
  labelOf(key: number, records: string, offset: number): number | undefined {
    const position = this.#table.positionOf(key)
    if (position === -1) {
      const problem = 'the list does not name this image'
      if (this.#wrongLines > 0) this.#wrongLines--
      else this.#report.add({ kind: 'list', file: records, record: key, offset, problem }, this.#file)
      return undefined
    }
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
