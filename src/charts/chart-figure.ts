import { type Content, html, type Markup, renderTable, type Table } from '../pages/index.js'
import type { DrawingText } from './canvas.js'
import { seriesColour, seriesDashes } from './palette.js'

/** A drawing with its title, and behind it the table of its numbers. */
export interface ChartFigure extends DrawingText {
  /** Undefined where there is nothing to draw: the description then says why. */
  drawing: Markup | undefined
  /** Names of the series, where the drawing does not name them itself. */
  legend?: string[]
  kind?: 'flow'
  table: Table
  note?: Content
}

export function chartFigure({
  id,
  title,
  description,
  drawing,
  legend,
  kind,
  table,
  note,
}: ChartFigure): Markup {
  const entries = legend?.map((name, i) => html`<li>${swatch(i)}${name}</li>`)
  return html`<figure class="card chart${kind === 'flow' && ' wide flow'}" id="${id}">
<figcaption><h3>${title}</h3><p>${description}</p></figcaption>
${entries && html`<ul class="legend">${entries}</ul>`}
${drawing && (kind === 'flow' ? html`<div class="frame" tabindex="0" role="region" aria-label="${title}">${drawing}</div>` : drawing)}
${note && html`<p class="note">${note}</p>`}
<details><summary>Table</summary>${renderTable(table)}</details>
</figure>
`
}

function swatch(index: number): Markup {
  return html`<svg viewBox="0 0 26 10" aria-hidden="true"><path d="M0 5H26" stroke="${seriesColour(index)}" stroke-width="3" stroke-dasharray="${seriesDashes(index)}"/></svg>`
}
