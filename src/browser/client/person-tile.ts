import type { PersonRow } from '../api.js'
import { element, setAttribute } from './element.js'
import { makePicture, showPicture, thumbnail } from './picture.js'
import { addressOf } from './route.js'
import type { Tile } from './virtual-grid.js'
import { counted, nameOf } from './words.js'

/** A person of the grid: a face, the name, and how many photos there are. @param value says what an order is by */
export function personTile(dataset: number, value: (row: PersonRow) => string | undefined): Tile<PersonRow> {
  const picture = makePicture()
  const name = element('span', { class: 'name' })
  const tile = element('a', { class: 'tile' }, picture, name)
  return {
    element: tile,
    show(row, _, pictures) {
      tile.classList.toggle('loading', row === undefined)
      tile.classList.toggle('without', row?.cover === -1)
      const seen = row !== undefined && row.cover >= 0 && pictures
      showPicture(picture, seen ? thumbnail(dataset, row.cover) : undefined)
      if (row === undefined) {
        name.textContent = ''
        tile.removeAttribute('href')
        tile.removeAttribute('data-note')
        setAttribute(tile, 'aria-label', 'loading')
        return
      }
      const note = value(row) ?? counted(row.images, 'photo')
      name.textContent = nameOf(row)
      tile.href = addressOf({ page: 'person', dataset, label: row.label, sort: 'file' })
      setAttribute(tile, 'data-note', note)
      setAttribute(tile, 'aria-label', `${nameOf(row)}, label ${row.label}, ${note}`)
      tile.title = `${nameOf(row)} (label ${row.label})`
    },
  }
}
