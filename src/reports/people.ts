import { count, html, type Markup } from '../pages/index.js'
import { type ContactSheet, PHOTOS_EACH } from './contact-sheet.js'

/** The contact sheet: a row of photos for each person. */
export function peopleOf({ seed, people }: ContactSheet, id: string): Markup {
  const figures = people.map(({ label, name, images, photos }) => {
    const who = name ?? `label ${label}`
    const shown = photos.map((photo, i) => photoTag(photo, `${who}, photo ${i + 1}`))
    return html`<figure><div class="photos">${shown}</div><figcaption><bdi>${who}</bdi> <span class="muted">label ${label}, ${count(images)} ${images === 1 ? 'image' : 'images'}</span></figcaption></figure>
`
  })
  return html`<section class="card" aria-labelledby="${id}"><h3 id="${id}">Contact sheet</h3>
<p class="note">${count(people.length)} people drawn by chance (seed ${seed}), each as likely as any other, with up to ${PHOTOS_EACH} photos.</p>
<div class="people">
${figures}</div></section>
`
}

/** @param photo undefined for an image that cannot be read or decoded */
export function photoTag(photo: Uint8Array | undefined, words: string): Markup {
  if (photo === undefined) return html`<span role="img" aria-label="${words}">cannot be shown</span>`
  const data = Buffer.from(photo).toString('base64')
  return html`<img alt="${words}" width="96" height="96" decoding="async" src="data:image/jpeg;base64,${data}">`
}
