import type { PhotoRow } from '../api.js'
import { element, setAttribute } from './element.js'
import type { Tile } from './grid-row.js'
import { TileText } from './tile-text.js'
import { measure } from './words.js'

/** A photo of a person: the end of its path, and what is the matter with it. */
export function photoTile(): Tile<PhotoRow> {
  const text = new TileText('span')
  const tile = element('div', { class: 'tile' }, text.element)
  return {
    element: tile,
    show(row) {
      const isFound = row !== undefined && (row.findings.length > 0 || row.fault !== undefined)
      tile.classList.toggle('found', isFound)
      const name = row && photoName(row)
      const note = row && noteOf(row)
      text.show(name, note)
      setAttribute(tile, 'aria-label', row === undefined ? 'loading' : `${name}, ${note}`)
    },
    complete(row) {
      setAttribute(tile, 'title', row.path)
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
