import type { PhotoRow } from '../api.js'
import { element, setAttribute } from './element.js'
import { makePicture, showPicture, thumbnail } from './picture.js'
import type { Tile } from './virtual-grid.js'
import { measure } from './words.js'

/** A photo of a person: the picture, the end of its path, and what is the matter with it. */
export function photoTile(dataset: number): Tile<PhotoRow> {
  const picture = makePicture()
  const name = element('span', { class: 'name' })
  const tile = element('a', { class: 'tile photo' }, picture, name)
  return {
    element: tile,
    show(row, _, pictures) {
      tile.classList.toggle('loading', row === undefined)
      tile.classList.toggle(
        'found',
        row !== undefined && (row.findings.length > 0 || row.fault !== undefined),
      )
      showPicture(picture, row !== undefined && pictures ? thumbnail(dataset, row.position) : undefined)
      const title = row === undefined ? '' : photoName(row)
      name.textContent = title
      setAttribute(tile, 'data-note', row && noteOf(row))
      setAttribute(tile, 'aria-label', row === undefined ? 'loading' : `${title}, ${noteOf(row)}`)
      setAttribute(tile, 'title', row?.path)
    },
  }
}

/** The file's name where it is known. */
export function photoName({ path, key }: PhotoRow): string {
  return path?.split('/').at(-1) ?? `key ${key}`
}

function noteOf({ fault, findings, similarity, key }: PhotoRow): string {
  if (fault !== undefined) return 'damaged'
  if (findings.length > 0) return findings.map(({ rule }) => rule).join(', ')
  return similarity === undefined ? `key ${key}` : `${measure(similarity)} alike`
}
