import { bytes, type Content, count, html, type Markup, percent, renderTable } from '../pages/index.js'
import { reachOfIdentities } from './dataset-charts.js'
import type { DatasetFacts } from './dataset-facts.js'
import { skippedCount } from './skipped-files.js'

/** Several datasets side by side. */
export function datasetsCompared(datasets: DatasetFacts[], id: string): Markup {
  const row = (title: string, cell: (facts: DatasetFacts) => Content): Content[] => [
    title,
    ...datasets.map(cell),
  ]
  const percentile = (wanted: number) => (facts: DatasetFacts) => {
    const found = facts.distribution?.percentiles.find(({ percent: p }) => p === wanted)
    return found === undefined ? 'not known' : count(found.images)
  }
  const rows = [
    row('Images', ({ images }) => count(images)),
    row('Identities', ({ identities }) => count(identities)),
    row('Images per identity, 5 %', percentile(5)),
    row('Images per identity, median', percentile(50)),
    row('Images per identity, 95 %', percentile(95)),
    row('Most images of one identity', ({ distribution }) =>
      distribution ? count(distribution.maximum) : 'not known',
    ),
    row('Image size', ({ width, height }) => (width === 0 ? 'not known' : `${width} × ${height}`)),
    row('Formats', ({ tally }) => tally?.formats.map(({ format }) => format).join(', ') || 'not known'),
    row('On disk', ({ files }) => bytes(files.reduce((sum, file) => sum + file.bytes, 0))),
    row('Skipped', ({ skipped }) => (skipped === undefined ? 'not known' : count(skippedCount(skipped)))),
    row('Images with the bytes of another', ({ tally }) =>
      tally === undefined
        ? 'not known'
        : `${count(tally.byteIdentical)} (${percent(tally.byteIdentical / (tally.images || 1))})`,
    ),
    row('Dialect', ({ dialect }) => dialect ?? 'not known'),
    row('Made by', ({ description }) => description?.stage ?? 'another tool'),
    row('Fingerprint', ({ fingerprint }) => fingerprint && html`<code>${fingerprint}</code>`),
  ]
  const names = datasets.map(({ name }) => name)
  const columns = [{ title: '' }, ...names.map((title) => ({ title }))]
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">Datasets side by side</h2>
<div class="cards">
<div class="card two">${renderTable({ caption: 'Datasets side by side', columns, rows })}</div>
${reachOfIdentities(datasets, names, `${id}-reach`)}</div>
</section>
`
}
