import { html, type Markup } from '../pages/index.js'

/** One figure that is read at a glance. */
export interface Tile {
  name: string
  value: string
  note?: string | undefined
}

export function tiles(all: Tile[]): Markup {
  const boxes = all.map(
    ({ name, value, note }) =>
      html`<div><dt>${name}</dt><dd>${value}${note && html`<small>${note}</small>`}</dd></div>\n`,
  )
  return html`<dl class="tiles">
${boxes}</dl>`
}
