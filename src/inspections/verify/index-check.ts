import { type RecordIndex, readIndex } from '../../recordio/index.js'
import type { FaultReport } from './fault-report.js'
import { KeyTable } from './key-table.js'
import type { LostRecords } from './lost-records.js'
import type { VerificationFault } from './verification.js'

/** An index against the records of a file, which come in file order. 20 bytes a line, where keys are dense. */
export class IndexCheck {
  readonly #report: FaultReport
  readonly #file: string
  readonly #records: string
  /** In the order of offsets. */
  readonly keys: Float64Array
  readonly offsets: Float64Array
  readonly table: KeyTable
  #position = 0
  /** Lines that a fault was told of. */
  #told: Uint8Array | undefined

  private constructor(index: RecordIndex, names: { index: string; records: string }, report: FaultReport) {
    this.#report = report
    this.#file = names.index
    this.#records = names.records
    this.keys = index.keys
    this.offsets = index.offsets
    const { keys, offsets } = index
    this.table = new KeyTable(keys, (position, first) => {
      report.add({
        kind: 'index',
        file: names.index,
        record: keys[position]!,
        problem: 'the index names a key twice',
        actual: `offsets ${offsets[first]} and ${offsets[position]}`,
      })
    })
  }

  /** Undefined where the index cannot be read at all. */
  static async read(
    path: string,
    names: { index: string; records: string },
    report: FaultReport,
  ): Promise<IndexCheck | undefined> {
    try {
      const index = await readIndex(path, (error) => report.addError('index', names.index, error))
      return new IndexCheck(inOrderOfOffsets(index), names, report)
    } catch (error) {
      report.addError('index', names.index, error)
      return undefined
    }
  }

  /**
   * Position of the line for the record at `offset`; -1, and a fault, where there is none. Offsets only grow.
   * @param id of the record's header, by which a line with a wrong offset is known; -1 where ids are not keys
   */
  lineOf(offset: number, id: number): number {
    this.#passUnmatched(offset)
    if (this.offsets[this.#position] !== offset) return this.#lineOfId(offset, id)
    const line = this.#position++
    for (; this.offsets[this.#position] === offset; this.#position++) {
      this.#tell(this.#position, {
        file: this.#file,
        problem: 'the index names an offset twice',
        actual: `offset ${offset}, which is that of record ${this.keys[line]} too`,
      })
    }
    return line
  }

  /** Passes over a damaged range: what the index names there is lost. */
  pass(start: number, end: number): LostRecords {
    this.#passUnmatched(start)
    const first = this.#position
    while (this.offsets[this.#position]! < end) this.#position++
    return this.#lost(first, this.#position)
  }

  /** What the index names beyond the end of the file. */
  finish(size: number): LostRecords {
    this.#passUnmatched(size)
    return this.#lost(this.#position, this.keys.length)
  }

  #lost(start: number, end: number): LostRecords {
    const first = start < end ? { key: this.keys[start]!, offset: this.offsets[start]! } : undefined
    return { count: end - start, first }
  }

  #lineOfId(offset: number, id: number): number {
    const line = id === -1 ? -1 : this.table.positionOf(id)
    if (line === -1) {
      const problem = 'the index does not name this record'
      const record = id === -1 ? {} : { record: id }
      this.#report.add({ kind: 'index', file: this.#records, ...record, offset, problem }, this.#file)
    } else {
      this.#tell(line, {
        file: this.#file,
        problem: 'the offset is not that of the record',
        expected: offset,
        actual: this.offsets[line]!,
      })
    }
    return line
  }

  #passUnmatched(offset: number): void {
    for (; this.offsets[this.#position]! < offset; this.#position++) {
      this.#tell(this.#position, {
        file: this.#records,
        offset: this.offsets[this.#position]!,
        problem: 'no record begins where the index says',
      })
    }
  }

  /** One fault for each line: a wrong offset shows where it points to, and where it does not. */
  #tell(line: number, fault: Omit<VerificationFault, 'kind' | 'record'>): void {
    this.#told ??= new Uint8Array(this.keys.length)
    if (this.#told[line] === 1) return
    this.#told[line] = 1
    this.#report.add({ kind: 'index', record: this.keys[line]!, ...fault }, this.#file)
  }
}

function inOrderOfOffsets(index: RecordIndex): RecordIndex {
  const { keys, offsets } = index
  let ascending = 1
  while (ascending < offsets.length && offsets[ascending]! >= offsets[ascending - 1]!) ascending++
  if (ascending >= offsets.length) return index
  const order = Uint32Array.from(offsets.keys()).sort((a, b) => offsets[a]! - offsets[b]! || a - b)
  return {
    keys: Float64Array.from(order, (i) => keys[i]!),
    offsets: Float64Array.from(order, (i) => offsets[i]!),
  }
}
