import { plainName } from '../../stages/merge/by-name.js'
import type { SortName } from '../api.js'

/** Orders that stay in memory: one for each search and sort, 4 bytes a person. */
const KEPT_ORDERS = 8

/** What people are searched and sorted by, by label. */
export interface PeopleColumns {
  names: readonly (string | undefined)[]
  images: ArrayLike<number>
  /** NaN for whom it is not known: they come last. @throws InputError where it cannot be had */
  valuesOf(sort: 'noise' | 'similarity'): Promise<ArrayLike<number>>
}

/** Labels of the people that a search finds, in an order. */
export class PeopleOrder {
  readonly #columns: PeopleColumns
  readonly #orders = new Map<string, Promise<Uint32Array>>()
  /** By label, as they are compared with what is searched for; made for the first search. */
  #plainNames: string[] | undefined

  constructor(columns: PeopleColumns) {
    this.#columns = columns
  }

  /**
   * Names are found by any part, whatever their case and whether words are parted by spaces, `_` or `-`; a number also
   * finds the label, which then stands first. @throws InputError where the order cannot be had
   */
  find(query: string, sort: SortName): Promise<Uint32Array> {
    const key = JSON.stringify([query, sort])
    const kept = this.#orders.get(key)
    this.#orders.delete(key)
    const order = kept ?? this.#make(query, sort)
    this.#orders.set(key, order)
    // What failed may succeed another time.
    if (kept === undefined) order.catch(() => this.#orders.delete(key))
    if (this.#orders.size > KEPT_ORDERS) this.#orders.delete(this.#orders.keys().next().value!)
    return order
  }

  async #make(query: string, sort: SortName): Promise<Uint32Array> {
    const sorted = this.#search(query).sort(await this.#comparison(sort))
    const label = /^#?\d+$/.test(query.trim()) ? Number(query.trim().replace('#', '')) : -1
    const at = sorted.indexOf(label)
    if (at > 0) {
      sorted.copyWithin(1, 0, at)
      sorted[0] = label
    }
    return sorted
  }

  #search(query: string): Uint32Array {
    const { names } = this.#columns
    const text = query.trim()
    if (text === '') return Uint32Array.from({ length: names.length }, (_, label) => label)
    const wanted = plainName(text)
    const number = Number(text.replace(/^#/, ''))
    this.#plainNames ??= names.map((name) => (name === undefined ? '' : plainName(name)))
    const found: number[] = []
    for (const [label, name] of this.#plainNames.entries()) {
      if (label === number || (!text.startsWith('#') && name.includes(wanted))) found.push(label)
    }
    return Uint32Array.from(found)
  }

  async #comparison(sort: SortName): Promise<(a: number, b: number) => number> {
    const { names, images } = this.#columns
    switch (sort) {
      case 'label':
        return (a, b) => a - b
      case 'name': {
        const { compare } = new Intl.Collator('en', { numeric: true })
        return (a, b) => compareNames(names[a], names[b], compare) || a - b
      }
      case 'most':
        return (a, b) => images[b]! - images[a]! || a - b
      case 'fewest':
        return (a, b) => images[a]! - images[b]! || a - b
      case 'noise': {
        const noise = await this.#columns.valuesOf(sort)
        return (a, b) => noise[b]! - noise[a]! || a - b
      }
      case 'similarity': {
        const similarity = await this.#columns.valuesOf(sort)
        return (a, b) => compareNumbers(similarity[a]!, similarity[b]!) || a - b
      }
    }
  }
}

function compareNames(
  a: string | undefined,
  b: string | undefined,
  compare: (a: string, b: string) => number,
): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return compare(a, b)
}

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a - b
}
