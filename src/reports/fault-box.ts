import { html, type Markup } from '../pages/index.js'

/** What went wrong, where something did. */
export function faultBox(faults: readonly string[], consequence: string): Markup | undefined {
  if (faults.length === 0) return undefined
  const items = faults.map((fault) => html`<li>${fault}</li>`)
  return html`<div class="faults" role="note"><h3>Not all is in order</h3><ul>${items}</ul><p>${consequence}</p></div>
`
}
