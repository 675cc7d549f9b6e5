import { type RecordIndex, readIndex } from '../../recordio/index.js'
import type { FaultReport } from './fault-report.js'
import { KeyTable } from './key-table.js'
import type { LostRecords } from './lost-records.js'
import type { DatasetFault } from './verification.js'

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
  /** Lines that cannot be read: that many records may be without one. */
  #wrongLines: number
  /** Lines that a fault was told of. */
  #told: Uint8Array | undefined

  private constructor(
    index: RecordIndex,
    wrongLines: number,
    names: { index: string; records: string },
    report: FaultReport,
  ) {
    this.#wrongLines = wrongLines
    this.#report = report
    this.#file = names.index
    this.#records = names.records
    this.keys = index.keys
    this.offsets = index.offsets
    const { keys, offsets } = index
    this.table = new KeyTable(keys, (line, first) => {
      const actual = `offsets ${offsets[first]} and ${offsets[line]}`
      this.#tell(line, { file: names.index, problem: 'the index names a key twice', actual })
      // Either of the two may be the wrong one.
      this.#markTold(first)
    })
  }

  /** Undefined where the index cannot be read at all. */
  static async read(
    path: string,
    names: { index: string; records: string },
    report: FaultReport,
  ): Promise<IndexCheck | undefined> {
    try {
      let wrongLines = 0
      const index = await readIndex(path, (error) => {
        wrongLines++
        report.addError('index', names.index, error)
      })
      return new IndexCheck(inOrderOfOffsets(index), wrongLines, names, report)
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
    const first = this.#position
    while (this.offsets[this.#position] === offset) this.#position++
    let line = first
    for (let other = first; other < this.#position; other++) if (this.keys[other] === id) line = other
    for (let other = first; other < this.#position; other++) {
      if (other === line) continue
      this.#tell(other, {
        file: this.#file,
        problem: 'the index names an offset twice',
        actual: `offset ${offset}, which is that of record ${this.keys[line]} too`,
      })
    }
    return line
  }

  /** Whether the index names a record at `offset`. */
  names(offset: number): boolean {
    let low = 0
    let high = this.offsets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.offsets[middle]! < offset) low = middle + 1
      else high = middle
    }
    return this.offsets[low] === offset
  }

  /** The record of a line has another key. */
  tellKey(line: number, key: number): void {
    this.#tell(line, {
      file: this.#file,
      problem: `the key is not that of the record at offset ${this.offsets[line]}`,
      expected: key,
      actual: this.keys[line]!,
    })
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
    const lost: LostRecords = { count: 0, first: undefined }
    for (let line = start; line < end; line++) {
      if (this.#told?.[line] === 1) continue
      lost.first ??= { key: this.keys[line]!, offset: this.offsets[line]! }
      lost.count++
    }
    return lost
  }

  #lineOfId(offset: number, id: number): number {
    const line = id === -1 ? -1 : this.table.positionOf(id)
    if (line === -1 && this.#wrongLines > 0) this.#wrongLines--
    else if (line === -1) {
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
  #tell(line: number, fault: Omit<DatasetFault, 'kind' | 'record'>): void {
    if (this.#told?.[line] === 1) return
    this.#markTold(line)
    this.#report.add({ kind: 'index', record: this.keys[line]!, ...fault }, this.#file)
  }

  #markTold(line: number): void {
    this.#told ??= new Uint8Array(this.keys.length)
    this.#told[line] = 1
  }
}

function inOrderOfOffsets(index: RecordIndex): RecordIndex {
  const { keys, offsets } = index
  let ascending = 1
  while (ascending < offsets.length && offsets[ascending]! >= offsets[ascending - 1]!) ascending++
  if (ascending >= offsets.length) return index
  const order = new Uint32Array(offsets.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  order.sort((a, b) => offsets[a]! - offsets[b]! || a - b)
  const sorted = { keys: new Float64Array(order.length), offsets: new Float64Array(order.length) }
  for (let i = 0; i < order.length; i++) {
    sorted.keys[i] = keys[order[i]!]!
    sorted.offsets[i] = offsets[order[i]!]!
  }
  return sorted
}
