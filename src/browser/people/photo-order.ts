import type { PhotoSortName } from '../api.js'
import { keepAtMost, keptIn } from './kept.js'
import type { PhotosByLabel } from './photos-by-label.js'
import { sortInTurns } from './sort-in-turns.js'
import { Turns } from './turns.js'

/** People whose orders stay in memory, 12 bytes for each photo. */
const KEPT_PEOPLE = 4

/** Photos up to which their likeness is shown unasked: to have it all of them are read. */
const UNASKED_PHOTOS = 2000

/** Photos that are looked at between two looks at the clock. */
const LOOKED_AT_ONCE = 1024

/** What photos are sorted by. */
export interface PhotoColumns {
  photos: PhotosByLabel
  /** Of all photos of an identity, NaN where it is not known; undefined where there is none. @throws InputError */
  likenessOf(label: number): Promise<Float64Array | undefined>
  /** Findings of the photo at a position. */
  findingsAt(position: number): number
}

/** Some photos of an identity, in an order. */
export interface PhotoWindow {
  positions: Uint32Array
  /** NaN where it is not known; undefined where it was not looked for. */
  likeness: Float64Array | undefined
}

/**
 * Photos of people in an order, a window at a time. What an order needs of all photos of a person is made once, and a
 * window then costs the same however many there are.
 */
export class PhotoOrder {
  readonly #columns: PhotoColumns
  readonly #likeness = new Map<number, Promise<Float64Array | undefined>>()
  readonly #orders = new Map<string, Promise<Uint32Array>>()

  constructor(columns: PhotoColumns) {
    this.#columns = columns
  }

  /** @throws InputError where embeddings cannot be read */
  async window(
    label: number,
    { sort, from, count }: { sort: PhotoSortName; from: number; count: number },
  ): Promise<PhotoWindow> {
    const { photos } = this.#columns
    const total = photos.count(label)
    const likeness =
      sort === 'similarity' || total <= UNASKED_PHOTOS
        ? await this.#likenessOf(label)
        : await this.#likeness.get(label)
    const order = sort === 'file' ? undefined : await this.#order(label, sort)
    const end = Math.min(total, from + count)
    const places = Uint32Array.from(
      { length: Math.max(0, end - from) },
      (_, i) => order?.[from + i] ?? from + i,
    )
    return {
      positions: places.map((place) => photos.at(label, place)),
      likeness: likeness && Float64Array.from(places, (place) => likeness[place]!),
    }
  }

  /** After findings came: orders by them are others. */
  forgetFindings(): void {
    for (const key of this.#orders.keys()) if (key.startsWith('noise ')) this.#orders.delete(key)
  }

  #likenessOf(label: number): Promise<Float64Array | undefined> {
    const likeness = keptIn(this.#likeness, label, () => this.#columns.likenessOf(label))
    keepAtMost(this.#likeness, KEPT_PEOPLE)
    return likeness
  }

  #order(label: number, sort: 'similarity' | 'noise'): Promise<Uint32Array> {
    const order = keptIn(this.#orders, `${sort} ${label}`, () => this.#sort(label, sort))
    keepAtMost(this.#orders, KEPT_PEOPLE)
    return order
  }

  /** Places among the photos of the identity. */
  async #sort(label: number, sort: 'similarity' | 'noise'): Promise<Uint32Array> {
    const values = sort === 'noise' ? await this.#noiseOf(label) : await this.#likenessOf(label)
    const places = new Uint32Array(this.#columns.photos.count(label))
    for (let place = 0; place < places.length; place++) places[place] = place
    if (values === undefined) return places
    return sortInTurns(places, (a, b) => compare(values[a]!, values[b]!) || a - b)
  }

  /** The most findings first. */
  async #noiseOf(label: number): Promise<Float64Array> {
    const { photos, findingsAt } = this.#columns
    const noise = new Float64Array(photos.count(label))
    const turns = new Turns()
    for (let place = 0; place < noise.length; place++) {
      noise[place] = -findingsAt(photos.at(label, place))
      if (place % LOOKED_AT_ONCE === 0 && turns.isOver) await turns.next()
    }
    return noise
  }
}

/** What is not known comes last. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a - b
}
