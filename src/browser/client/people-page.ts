import type { DatasetOverview, PeoplePage, PersonRow, SortName } from '../api.js'
import { datasetLine, datasetNotes } from './dataset-notes.js'
import { byId, element } from './element.js'
import type { Page } from './page.js'
import { personTile } from './person-tile.js'
import { strip } from './picture.js'
import { addressOf } from './route.js'
import { RowPages } from './row-pages.js'
import { get } from './server.js'
import { alarm, calm, tell } from './telling.js'
import { VirtualGrid } from './virtual-grid.js'
import { count, counted, measure } from './words.js'

/** Milliseconds without a key after which a search begins. */
const TYPED_MS = 150

const SORTS: [SortName, string][] = [
  ['label', 'Label'],
  ['name', 'Name'],
  ['most', 'Most photos first'],
  ['fewest', 'Fewest photos first'],
  ['noise', 'Most noise first'],
  ['similarity', 'Least alike first'],
]

/** Where a person was when another page was opened, by the address of the page. */
const activeAt = new Map<string, number>()

/** The address at which a person left the people of a dataset. */
const leftAt = new Map<number, string>()

export function peopleAddress(dataset: number): string {
  return leftAt.get(dataset) ?? addressOf({ page: 'people', dataset, search: '', sort: 'label' })
}

/** The people of a dataset: searched, sorted, and scrolled through. */
export class PeopleGridPage implements Page {
  readonly element: HTMLElement
  readonly title: string
  readonly #number: number
  readonly #dataset: DatasetOverview
  readonly #search: HTMLInputElement
  readonly #sort: HTMLSelectElement
  readonly #found: HTMLElement
  readonly #place: HTMLElement
  #grid: VirtualGrid<PersonRow> | undefined
  #people: RowPages<PersonRow> | undefined
  #typing = 0

  constructor(
    number: number,
    dataset: DatasetOverview,
    { search, sort }: { search: string; sort: SortName },
  ) {
    this.#number = number
    this.#dataset = dataset
    this.title = dataset.name
    this.#search = element('input', {
      type: 'search',
      value: search,
      placeholder: 'Name or label',
      'aria-label': 'Search by name or label',
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => this.#typed(),
    })
    this.#sort = element(
      'select',
      { 'aria-label': 'Order', onchange: () => this.#query() },
      ...SORTS.map(([name, text]) => {
        const missing = dataset.missingSorts.find((one) => one.sort === name)
        return element(
          'option',
          { value: name, disabled: missing !== undefined, title: missing?.why, selected: name === sort },
          missing === undefined ? text : `${text} (not computed)`,
        )
      }),
    )
    this.#found = element('p', { class: 'found' }, datasetLine(dataset))
    this.#place = element('div', {})
    this.element = element(
      'div',
      {},
      element('h1', {}, dataset.name),
      datasetNotes(dataset),
      element('div', { class: 'tools' }, this.#search, this.#sort, this.#found),
      this.#place,
    )
  }

  shown(): void {
    this.#load()
  }

  key(event: KeyboardEvent): boolean {
    if (event.key !== '/') return false
    this.#search.focus()
    this.#search.select()
    return true
  }

  close(): void {
    clearTimeout(this.#typing)
    leftAt.set(this.#number, this.#address)
    this.#leave()
  }

  get #address(): string {
    const [search, sort] = [this.#search.value, this.#sort.value as SortName]
    return addressOf({ page: 'people', dataset: this.#number, search, sort })
  }

  #typed(): void {
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => this.#query(), TYPED_MS)
  }

  /** Loads what is searched for now, under its own address. */
  #query(): void {
    this.#leave()
    history.replaceState(null, '', this.#address)
    window.scrollTo({ top: 0 })
    this.#load()
  }

  #leave(): void {
    this.#people?.close()
    this.#grid?.close()
    this.#grid = undefined
  }

  #load(): void {
    const address = this.#address
    const query = new URLSearchParams({ search: this.#search.value, sort: this.#sort.value })
    const path = `api/datasets/${this.#number}/people`
    const people = new RowPages<PersonRow>(
      (from, rows, signal) => get<PeoplePage>(`${path}?${query}&from=${from}&count=${rows}`, signal),
      (first) => {
        calm()
        if (first) this.#begin(people, address)
        else this.#grid?.refresh()
      },
      alarm,
    )
    this.#people = people
    this.#place.setAttribute('aria-busy', 'true')
    if (this.#sort.value === 'similarity') this.#found.textContent = 'Comparing photos…'
    people.want(0, 1)
  }

  #begin(people: RowPages<PersonRow>, address: string): void {
    const total = people.total!
    const searched = this.#search.value.trim() !== ''
    this.#place.removeAttribute('aria-busy')
    this.#found.textContent = searched
      ? `${count(total)} of ${counted(this.#dataset.identities, 'person', 'people')}`
      : datasetLine(this.#dataset)
    if (searched) tell(`${counted(total, 'person', 'people')} found`)
    if (total === 0) {
      const why = searched
        ? `Nobody’s name or label matches “${this.#search.value.trim()}”.`
        : 'This dataset holds nobody.'
      this.#place.replaceChildren(element('p', { class: 'empty' }, why))
      return
    }
    const grid = new VirtualGrid<PersonRow>({
      label: `People of ${this.#dataset.name}`,
      tile: 116,
      caption: 42,
      makeTile: () => personTile(this.#number, (row) => this.#valueOf(row)),
      at: (index) => people.at(index),
      want: (from, end) => people.want(from, end),
      strip: (rows, side) =>
        strip(
          this.#number,
          rows.map(({ cover }) => cover),
          side,
        ),
      open: (index) => {
        const row = people.at(index)
        if (row === undefined) return
        activeAt.set(address, index)
        location.hash = addressOf({ page: 'person', dataset: this.#number, label: row.label, sort: 'file' })
      },
    })
    this.#grid = grid
    this.#place.replaceChildren(grid.element)
    const active = activeAt.get(address)
    grid.start(total, active)
    if (active !== undefined && document.activeElement === byId('main')) {
      grid.element.focus({ preventScroll: true })
    }
  }

  /** What the order is by, unless it is the number of photos. */
  #valueOf({ value, images }: PersonRow): string | undefined {
    if (this.#sort.value === 'noise') return `${count(value ?? 0)} of ${count(images)} found`
    if (this.#sort.value !== 'similarity') return undefined
    return value === undefined ? 'not compared' : `${measure(value)} alike`
  }
}
