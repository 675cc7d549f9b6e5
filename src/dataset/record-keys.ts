import { IMAGE_HEADER_BYTES, imageId, type RecordIndex, type StoredRecord } from '../recordio/index.js'
import { firstRepeated } from './distinct-keys.js'
import { GrowingColumn } from './growing-column.js'
import { LARGEST_EXACT_FLOAT32 } from './label.js'

/** Keys have 32 bits in a manifest. */
const LARGEST_KEY = 0xffff_ffff

/** What the header record of insightface's layout says. */
interface Header {
  /** Number of the record in the file. */
  record: number
  /** Key of the first identity record: images have the keys from 1 to below it. */
  firstIdentityKey: number
}

/**
 * Keys for records that no index names: the ids in their headers where these are distinct, else numbers in file order,
 * as insightface's packer or im2rec gives them. About 20 bytes a record.
 */
export class RecordKeys {
  readonly #offsets = new GrowingColumn()
  readonly #ids = new GrowingColumn()
  /** Records that hold numbers and no image: positions and first two labels. */
  readonly #numbers = new GrowingColumn()
  readonly #firsts = new GrowingColumn()
  readonly #seconds = new GrowingColumn()
  #areIds: boolean | undefined

  add({ offset, payload }: StoredRecord): void {
    if (holdsNumbers(payload)) {
      const labels = new DataView(payload.buffer, payload.byteOffset + IMAGE_HEADER_BYTES)
      this.#numbers.push(this.#offsets.length)
      this.#firsts.push(labels.getFloat32(0, true))
      this.#seconds.push(payload.length >= IMAGE_HEADER_BYTES + 8 ? labels.getFloat32(4, true) : Number.NaN)
    }
    this.#offsets.push(offset)
    this.#ids.push(imageId(payload))
  }

  get records(): number {
    return this.#offsets.length
  }

  get images(): number {
    return this.#offsets.length - this.#numbers.length
  }

  /** Positions of the records that hold numbers and no image, ascending. */
  get numberPositions(): Float64Array {
    return this.#numbers.values
  }

  /** Whether keys are the ids in headers; else numbers in file order. Asked once all records are added. */
  get areIds(): boolean {
    this.#areIds ??= areDistinctKeys(this.#ids.values)
    return this.#areIds
  }

  /**
   * Images that are lost, by the header record; 0 where there is none. Beyond 2^24 it is rounded, and does not tell.
   */
  get lostImages(): number {
    const header = this.#findHeader()
    if (header === undefined || header.firstIdentityKey > LARGEST_EXACT_FLOAT32) return 0
    return Math.max(0, header.firstIdentityKey - 1 - this.images)
  }

  /** Whether the records without an image are a header and identity records that are true of the images. */
  get haveRanges(): boolean {
    return this.#findHeader() !== undefined && this.lostImages === 0
  }

  /** All records in file order, or the images alone. */
  index(records: 'all' | 'images' = 'all'): RecordIndex {
    const keys = this.areIds ? this.#ids.values : this.#keysByPosition()
    const offsets = this.#offsets.values
    if (records === 'all') return { keys, offsets }
    const numbers = this.#numbers.values
    let next = 0
    const isImage = (_: number, position: number) => {
      if (numbers[next] !== position) return true
      next++
      return false
    }
    const imageKeys = keys.filter(isImage)
    next = 0
    return { keys: imageKeys, offsets: offsets.filter(isImage) }
  }

  #keysByPosition(): Float64Array {
    const header = this.#findHeader()
    const keys = new Float64Array(this.records)
    if (header === undefined) return keys.map((_, position) => position)
    let image = 1
    let identity = this.images + 1
    let next = 0
    for (let position = 0; position < keys.length; position++) {
      const isNumbers = this.#numbers.values[next] === position
      if (isNumbers) next++
      keys[position] = position === header.record ? 0 : isNumbers ? identity++ : image++
    }
    return keys
  }

  /**
   * By its id, else by what it says: `[first identity key, end]` of as many identity records as there are others. The
   * range of an identity may be as long, and begins before.
   */
  #findHeader(): Header | undefined {
    let header: Header | undefined
    for (const [i, record] of this.#numbers.values.entries()) {
      const [first, end] = [this.#firsts.values[i]!, this.#seconds.values[i]!]
      const isHeader = this.areIds ? this.#ids.values[record] === 0 : end - first === this.#numbers.length - 1
      if (isHeader && first > (header?.firstIdentityKey ?? 0)) header = { record, firstIdentityKey: first }
    }
    return header
  }
}

/** Whether a payload has several labels and no image. */
function holdsNumbers(payload: Uint8Array): boolean {
  if (payload.length < IMAGE_HEADER_BYTES + 4) return false
  const labels = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true)
  return payload.length === IMAGE_HEADER_BYTES + 4 * labels
}

function areDistinctKeys(ids: Float64Array): boolean {
  for (const id of ids) if (id < 0 || id > LARGEST_KEY) return false
  return firstRepeated(ids) === undefined
}
