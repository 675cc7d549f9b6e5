import type { PersonRow } from '../api.js'
import { element, setAttribute } from './element.js'
import type { Tile } from './grid-row.js'
import { addressOf } from './route.js'
import { TileText } from './tile-text.js'
import { counted, nameOf } from './words.js'

/** A person of the grid: the name, and how many photos there are. @param value says what an order is by */
export function personTile(dataset: number, value: (row: PersonRow) => string | undefined): Tile<PersonRow> {
  const text = new TileText('a')
  text.element.tabIndex = -1
  const tile = element('div', { class: 'tile' }, text.element)
  return {
    element: tile,
    show(row) {
      const name = row && nameOf(row)
      const note = row && (value(row) ?? counted(row.images, 'photo'))
      text.show(name, note)
      setAttribute(tile, 'aria-label', row === undefined ? 'loading' : `${name}, ${note}, label ${row.label}`)
    },
    complete(row) {
      text.element.href = addressOf({ page: 'person', dataset, label: row.label, sort: 'file' })
      tile.title = `${nameOf(row)} (label ${row.label})`
    },
  }
}
