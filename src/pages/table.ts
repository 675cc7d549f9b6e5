import { type Content, html, type Markup } from './markup.js'

export interface Column {
  title: string
  /** Numbers stand to the right, one digit below the other. */
  numeric?: boolean
}

export interface Table {
  /** Read out, not shown. */
  caption: string
  columns: Column[]
  /** A row begins with what names it. */
  rows: Content[][]
}

/** A table in a frame of its own, which scrolls where the page is narrower than it. */
export function renderTable({ caption, columns, rows }: Table): Markup {
  const kind = (i: number) => columns[i]?.numeric && html` class="number"`
  const head = columns.map(({ title }, i) =>
    title === '' ? html`<td></td>` : html`<th scope="col"${kind(i)}>${title}</th>`,
  )
  const body = rows.map(([first, ...rest]) => {
    const cells = rest.map((cell, i) => html`<td${kind(i + 1)}>${cell}</td>`)
    return html`<tr><th scope="row"${kind(0)}>${first}</th>${cells}</tr>\n`
  })
  return html`<div class="frame" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>`
}

/** A table that shows its numbers as bars too. @param rows name, count, and what else is to be said */
export function renderBars(
  { caption, columns }: Omit<Table, 'rows'>,
  rows: { name: Content; count: number; shown: string; others?: Content[] }[],
): Markup {
  const largest = rows.reduce((most, { count }) => Math.max(most, count), 0) || 1
  const bar = (count: number) =>
    count > 0 && html`<span class="bar" style="--part:${((100 * count) / largest).toFixed(1)}%"></span>`
  return renderTable({
    caption,
    columns: [...columns, { title: '' }],
    rows: rows.map(({ name, count, shown, others = [] }) => [name, shown, ...others, bar(count)]),
  })
}
