import type { IdentityMatch } from '../../identities/index.js'
import type { NamedInput } from './review-csv.js'

/** A pair as the page shows it. */
export interface ReviewedPair {
  match: IdentityMatch
  /** JPEG files of some images of each side. */
  a: Uint8Array[]
  b: Uint8Array[]
}

const STYLE = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #222 }
table { border-collapse: collapse }
td, th { border-top: 1px solid #ccc; padding: .5rem; text-align: left; vertical-align: top }
img { width: 56px; height: 56px; margin-right: 2px }
.merge { color: #06652c } .drop { color: #9a3b00 } .keep { color: #555 }
small { color: #666; display: block }`

/** A page that needs nothing beside it: the pairs in their order, doubtful ones first, with images of both sides. */
export function reviewPage(
  title: string,
  pairs: ReviewedPair[],
  { total, inputs, csv }: { total: number; inputs: NamedInput[]; csv: string },
): string {
  const shown = pairs.length < total ? ` The page shows the first ${pairs.length}; the file lists all.` : ''
  const rows = pairs.map((pair) => rowOf(pair, inputs)).join('\n')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<h1>${escapeHtml(title)}</h1>
<p>${total} pairs of identities, doubtful ones first.${shown} To change what becomes of them, edit the column
<code>action</code> of ${escapeHtml(csv)} (merge: one label; drop: the right one is left out; keep: two labels), and
give it back: <code>facedata merge … --identities ${escapeHtml(csv)}</code></p>
<table>
<tr><th>action<th>score<th>identity<th>and
${rows}
</table>
</html>
`
}

function rowOf({ match, a, b }: ReviewedPair, inputs: NamedInput[]): string {
  const { action, score, reason } = match
  const side = (place: IdentityMatch['a'], images: Uint8Array[]) => {
    const { dataset, names, images: counts } = inputs[place.input]!
    const name = names[place.label] ?? `label ${place.label}`
    const text = `${dataset}, label ${place.label}, ${counts[place.label]} images`
    return `<td>${images.map(imageTag).join('')}<br>${escapeHtml(name)}<small>${escapeHtml(text)}</small>`
  }
  const shown = score === undefined ? '' : score.toFixed(3)
  return `<tr><td class="${action}">${action}<small>${escapeHtml(reason)}</small><td>${shown}${side(match.a, a)}${side(match.b, b)}`
}

function imageTag(jpeg: Uint8Array): string {
  return `<img alt="" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}">`
}

function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => names[character]!)
}
