import type { DatasetOverview, Person, PersonOrigin, PhotoPage, PhotoRow, PhotoSortName } from '../api.js'
import { element } from './element.js'
import { originOf } from './origin-list.js'
import type { Page } from './page.js'
import { peopleAddress } from './people-page.js'
import { PhotoDialog } from './photo-dialog.js'
import { photoTile } from './photo-tile.js'
import { strip } from './picture.js'
import { addressOf } from './route.js'
import { RowPages } from './row-pages.js'
import { get } from './server.js'
import { alarm, calm, tell } from './telling.js'
import { VirtualGrid } from './virtual-grid.js'
import { counted, nameOf } from './words.js'

const SORTS: [PhotoSortName, string][] = [
  ['file', 'Order of the file'],
  ['similarity', 'Least alike first'],
  ['noise', 'Noise first'],
]

/** One person: where they came from, and every photo. */
export class PersonPage implements Page {
  readonly element: HTMLElement
  readonly title: string
  readonly focus: HTMLElement
  readonly #number: number
  readonly #dataset: DatasetOverview
  readonly #person: Person
  readonly #sort: HTMLSelectElement
  readonly #place = element('div', {})
  readonly #note = element('p', { class: 'found' })
  readonly #dialog: PhotoDialog
  #photos: RowPages<PhotoRow> | undefined
  #grid: VirtualGrid<PhotoRow> | undefined
  #opened = 0
  /** The photo that is shown as soon as it is loaded. */
  #waiting: number | undefined

  constructor(number: number, dataset: DatasetOverview, person: Person, sort: PhotoSortName) {
    this.#number = number
    this.#dataset = dataset
    this.#person = person
    this.title = `${nameOf(person)} · ${dataset.name}`
    this.#dialog = new PhotoDialog(number, (by) => this.#open(this.#opened + by))
    this.#dialog.element.addEventListener('close', () => this.#grid?.element.focus())
    const missing = (name: PhotoSortName) => dataset.missingSorts.some((one) => one.sort === name)
    this.#sort = element(
      'select',
      { 'aria-label': 'Order of the photos', onchange: () => this.#sorted() },
      ...SORTS.map(([name, text]) =>
        element(
          'option',
          { value: name, selected: name === sort, disabled: missing(name) },
          missing(name) ? `${text} (not computed)` : text,
        ),
      ),
    )
    this.focus = element('h1', { tabindex: -1 }, nameOf(person))
    this.element = element(
      'div',
      {},
      element(
        'nav',
        { class: 'crumbs', 'aria-label': 'People' },
        element('a', { href: peopleAddress(number) }, dataset.name),
        this.#neighbour(-1, '← Previous label'),
        this.#neighbour(1, 'Next label →'),
      ),
      this.focus,
      element('p', { class: 'found' }, `label ${person.label} · ${counted(person.images, 'photo')}`),
      originsOf(person.origins),
      element('div', { class: 'tools' }, this.#sort, this.#note),
      this.#place,
      this.#dialog.element,
    )
  }

  shown(): void {
    this.#load()
  }

  key(event: KeyboardEvent): boolean {
    if (event.key !== 'Escape') return false
    location.hash = peopleAddress(this.#number)
    return true
  }

  close(): void {
    this.#leave()
  }

  #neighbour(by: number, text: string): HTMLElement | undefined {
    const label = this.#person.label + by
    if (label < 0 || label >= this.#dataset.identities) return undefined
    const sort = this.#sort.value as PhotoSortName
    return element('a', { href: addressOf({ page: 'person', dataset: this.#number, label, sort }) }, text)
  }

  #sorted(): void {
    const { label } = this.#person
    const sort = this.#sort.value as PhotoSortName
    history.replaceState(null, '', addressOf({ page: 'person', dataset: this.#number, label, sort }))
    this.#leave()
    this.#load()
  }

  #leave(): void {
    this.#photos?.close()
    this.#grid?.close()
    this.#grid = undefined
  }

  #load(): void {
    const path = `api/datasets/${this.#number}/people/${this.#person.label}/photos?sort=${this.#sort.value}`
    const photos = new RowPages<PhotoRow>(
      async (from, count, signal) => {
        const page = await get<PhotoPage>(`${path}&from=${from}&count=${count}`, signal)
        this.#note.textContent = page.noSimilarity === undefined ? '' : `Likeness ${page.noSimilarity}`
        return page
      },
      (first) => {
        calm()
        if (first) this.#begin(photos)
        else this.#grid?.refresh()
        if (this.#waiting !== undefined) this.#open(this.#waiting)
      },
      alarm,
    )
    this.#photos = photos
    photos.want(0, 1)
  }

  #begin(photos: RowPages<PhotoRow>): void {
    const total = photos.total!
    if (total === 0) {
      this.#place.replaceChildren(element('p', { class: 'empty' }, 'No photo has this label.'))
      return
    }
    const grid = new VirtualGrid<PhotoRow>({
      label: `Photos of ${nameOf(this.#person)}`,
      tile: 132,
      caption: 42,
      makeTile: () => photoTile(),
      at: (index) => photos.at(index),
      want: (from, end) => photos.want(from, end),
      strip: (rows, side) =>
        strip(
          this.#number,
          rows.map(({ position }) => position),
          side,
        ),
      open: (index) => this.#open(index),
    })
    this.#grid = grid
    this.#place.replaceChildren(grid.element)
    grid.start(total)
  }

  #open(index: number): void {
    const photos = this.#photos!
    const total = photos.total ?? 0
    if (index < 0 || index >= total) return
    const row = photos.at(index)
    this.#opened = index
    this.#waiting = row === undefined ? index : undefined
    if (row === undefined) photos.want(index, index + 1)
    else {
      this.#dialog.show(row, index, total)
      tell(`Photo ${index + 1} of ${total}`)
    }
  }
}

function originsOf(origins: PersonOrigin[]): HTMLElement | undefined {
  if (origins.length === 0) return undefined
  const lines = origins.map(({ source, name, label }, i) =>
    element(
      'li',
      {},
      i === 0 ? 'from ' : 'and ',
      ...(source === undefined ? ['a source that is not known'] : originOf(source)),
      name === undefined ? '' : `, as “${name}”`,
      label < 0 ? '' : `, label ${label}`,
    ),
  )
  return element('ul', { class: 'origins' }, ...lines)
}
