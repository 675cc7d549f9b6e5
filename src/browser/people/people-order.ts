import { plainName } from '../../stages/merge/by-name.js'
import type { SortName } from '../api.js'
import { keepAtMost, keptIn } from './kept.js'
import { type Comparison, sortInTurns } from './sort-in-turns.js'
import { Turns } from './turns.js'

/** Searches whose answers stay in memory, 4 bytes for each person that they found. */
const KEPT_SEARCHES = 8

/** People that are looked at between two looks at the clock. */
const LOOKED_AT_ONCE = 1024

/** What people are searched and sorted by, by label. */
export interface PeopleColumns {
  names: readonly (string | undefined)[]
  images: ArrayLike<number>
  /** NaN for whom it is not known: they come last. @throws InputError where it cannot be had */
  valuesOf(sort: 'noise' | 'similarity'): Promise<ArrayLike<number>>
}

/**
 * Labels of the people that a search finds, in an order. Everybody is sorted once for each order, 4 bytes a person; a
 * search then goes through that order. Both let the server answer in between.
 */
export class PeopleOrder {
  readonly #columns: PeopleColumns
  readonly #everybody = new Map<SortName, Promise<Uint32Array>>()
  readonly #searches = new Map<string, Promise<Uint32Array>>()
  /** By label, as they are compared with what is searched for; made for the first search. */
  #plainNames: Promise<string[]> | undefined

  constructor(columns: PeopleColumns) {
    this.#columns = columns
  }

  /**
   * Names are found by any part, whatever their case and whether words are parted by spaces, `_` or `-`; a number also
   * finds the label, which then stands first. @throws InputError where the order cannot be had
   */
  find(query: string, sort: SortName): Promise<Uint32Array> {
    const text = query.trim()
    if (text === '') return keptIn(this.#everybody, sort, () => this.#sort(sort))
    const found = keptIn(this.#searches, JSON.stringify([text, sort]), () => this.#search(text, sort))
    keepAtMost(this.#searches, KEPT_SEARCHES)
    return found
  }

  async #sort(sort: SortName): Promise<Uint32Array> {
    const compare = await this.#comparison(sort)
    const labels = new Uint32Array(this.#columns.names.length)
    for (let label = 0; label < labels.length; label++) labels[label] = label
    return compare === undefined ? labels : sortInTurns(labels, compare)
  }

  async #search(text: string, sort: SortName): Promise<Uint32Array> {
    const everybody = await this.find('', sort)
    this.#plainNames ??= plainNamesOf(this.#columns.names)
    const names = await this.#plainNames
    const wanted = plainName(text)
    const number = /^#?\d+$/.test(text) ? Number(text.replace('#', '')) : names.length
    const found = number < names.length ? [number] : []
    if (/^#\d+$/.test(text)) return Uint32Array.from(found)
    const turns = new Turns()
    for (const [i, label] of everybody.entries()) {
      if (label !== number && names[label]!.includes(wanted)) found.push(label)
      if (i % LOOKED_AT_ONCE === 0 && turns.isOver) await turns.next()
    }
    return Uint32Array.from(found)
  }

  /** Undefined for the order in which they are. */
  async #comparison(sort: SortName): Promise<Comparison | undefined> {
    const { names, images } = this.#columns
    switch (sort) {
      case 'label':
        return undefined
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

async function plainNamesOf(names: readonly (string | undefined)[]): Promise<string[]> {
  const plain: string[] = []
  const turns = new Turns()
  for (const name of names) {
    plain.push(name === undefined ? '' : plainName(name))
    if (plain.length % LOOKED_AT_ONCE === 0 && turns.isOver) await turns.next()
  }
  return plain
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
