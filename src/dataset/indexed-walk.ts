import { InputError } from '../errors/index.js'
import type { RecordIndex, RecordReader, StoredRecord } from '../recordio/index.js'

/**
 * The records that an index names, in batches. The file is streamed; what lies between is passed over, damage
 * too, and the offset of each record there, or of the damage, is told.
 * @param index in the order of offsets
 * @throws InputError where no record begins at an offset of the index
 */
export function walkByIndex(
  reader: RecordReader,
  index: RecordIndex,
  memory: 'fresh' | 'reused',
  passedOver: (offset: number) => void,
): AsyncGenerator<StoredRecord[]> {
  return new IndexWalk(reader, index, memory, passedOver).batches()
}

/** As `walkByIndex`, from the first record of the index to its last one: what comes before and behind is not read. */
export async function* walkRange(
  reader: RecordReader,
  index: RecordIndex,
  memory: 'fresh' | 'reused',
): AsyncGenerator<StoredRecord[]> {
  let left = index.keys.length
  if (left === 0) return
  for await (const records of new IndexWalk(reader, index, memory, () => {}, index.offsets[0]).batches()) {
    yield records
    left -= records.length
    if (left === 0) return
  }
}

class IndexWalk {
  readonly #reader: RecordReader
  readonly #index: RecordIndex
  readonly #memory: 'fresh' | 'reused'
  readonly #passedOver: (offset: number) => void
  /** In the index, of the next record that is wanted. */
  #position = 0
  /** Where the next record of the file begins. */
  #at: number

  constructor(
    reader: RecordReader,
    index: RecordIndex,
    memory: 'fresh' | 'reused',
    passedOver: (offset: number) => void,
    from = 0,
  ) {
    this.#at = from
    this.#reader = reader
    this.#index = index
    this.#memory = memory
    this.#passedOver = passedOver
  }

  async *batches(): AsyncGenerator<StoredRecord[]> {
    const { size } = this.#reader.file
    while (this.#at < size) {
      const isBroken = yield* this.#stretch()
      this.#at = isBroken ? (this.#expected ?? size) : size
    }
  }

  get #expected(): number | undefined {
    return this.#index.offsets[this.#position]
  }

  /** Up to damage, or a record whose length leads too far: true; else to the end of the file. */
  async *#stretch(): AsyncGenerator<StoredRecord[], boolean> {
    const stored = this.#reader.batches(this.#at, this.#reader.file.size, this.#memory)
    try {
      for (;;) {
        const next = await this.#next(stored)
        if (next === 'damage') return true
        if (next.done === true) return false
        const { wanted, isMisled } = this.#take(next.value)
        if (wanted.length > 0) yield wanted
        if (isMisled) return true
      }
    } finally {
      await stored.return(undefined)
    }
  }

  /** The reader hands out the records before damage first: an error is about the record that begins at `#at`. */
  async #next(stored: AsyncGenerator<StoredRecord[]>): Promise<IteratorResult<StoredRecord[]> | 'damage'> {
    try {
      return await stored.next()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      if (this.#at === this.#expected) throw this.#damaged(error)
      this.#passedOver(this.#at)
      return 'damage'
    }
  }

  #take(records: StoredRecord[]): { wanted: StoredRecord[]; isMisled: boolean } {
    const wanted: StoredRecord[] = []
    for (const record of records) {
      this.#at = record.end
      const isWanted = record.offset === this.#expected
      if (isWanted) {
        wanted.push(record)
        this.#position++
      } else this.#passedOver(record.offset)
      const expected = this.#expected ?? Number.POSITIVE_INFINITY
      if (record.end <= expected) continue
      if (isWanted) throw this.#noRecord(expected, record.end)
      // A damaged length leads beyond the next record that is wanted.
      return { wanted, isMisled: true }
    }
    return { wanted, isMisled: false }
  }

  #damaged({ fault }: InputError): InputError {
    const record = this.#index.keys[this.#position]!
    const fix = `${fault.fix ?? ''} \`facedata verify\` lists all damage, \`facedata reindex\` makes an index of what can be read.`
    return new InputError({ ...fault, record, fix: fix.trimStart() })
  }

  #noRecord(expected: number, next: number): InputError {
    return new InputError({
      file: this.#reader.file.path,
      record: this.#index.keys[this.#position]!,
      offset: expected,
      problem: 'no record begins where the index says',
      expected: `a record at ${expected}`,
      actual: `the next one at ${next}`,
      fix: 'The .idx file belongs to another .rec file. Copy it again, or remove it: the .rec file is then read from front to back.',
    })
  }
}
