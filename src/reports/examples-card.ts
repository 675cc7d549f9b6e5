import { count, figure, html, type Markup } from '../pages/index.js'
import type { FindingExample, NamedPhoto, RuleExamples } from './finding-examples.js'
import { photoTag } from './people.js'

/** Some photos of what `clean` found, rule by rule. */
export function examplesCard(rules: RuleExamples[], seed: number, id: string): Markup | undefined {
  if (rules.length === 0) return undefined
  const groups = rules.map(
    ({
      rule,
      found,
      examples,
    }) => html`<h4>${rule} <span class="muted">${examples.length} of ${count(found)}</span></h4>
<div class="pairs">
${examples.map((example) => exampleFigure(example, rule))}</div>
`,
  )
  return html`<section class="card" aria-labelledby="${id}"><h3 id="${id}">What clean found: examples</h3>
<p class="note">Drawn by chance (seed ${seed}) from the images of which each rule is the weightiest that found them, the clearest first. A second photo is the one that the first is like, or of another person that it is unlike.</p>
${groups}</section>
`
}

function exampleFigure(example: FindingExample, rule: string): Markup {
  const { value, threshold, like } = example
  const photos = [example, ...(like === undefined ? [] : [like])]
  const shown = photos.map((one, i) =>
    photoTag(one.photo, `${rule}, ${i === 0 ? 'found' : 'beside it'}: ${nameOf(one)}`),
  )
  const measured =
    threshold !== undefined &&
    html`${figure(value)} <span class="muted">threshold ${figure(threshold)}</span><br>`
  const names = photos.map((one, i) => html`${i > 0 && html`<br>`}<bdi>${nameOf(one)}</bdi>`)
  return html`<figure><div class="photos two">${shown}</div><figcaption>${measured}${names}</figcaption></figure>
`
}

function nameOf({ name, label }: NamedPhoto): string {
  return name === '' ? `label ${label}` : name
}
