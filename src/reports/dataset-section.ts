import {
  bytes,
  type Content,
  count,
  html,
  type Markup,
  percent,
  renderBars,
  renderTable,
} from '../pages/index.js'
import { imagesPerIdentity, recordSizes } from './dataset-charts.js'
import type { DatasetFacts } from './dataset-facts.js'
import { lineageFigure } from './dataset-lineage.js'
import { examplesCard } from './examples-card.js'
import { faultBox } from './fault-box.js'
import type { Noise } from './noise.js'
import { peopleOf } from './people.js'
import { skippedCount } from './skipped-files.js'
import { type Tile, tiles } from './tiles.js'

/** Sizes, and reasons, that are listed; the rest is one line. */
const SIZES_LISTED = 8
const REASONS_LISTED = 20

/** All that a report says of one dataset. */
export function datasetSection(facts: DatasetFacts, id: string): Markup {
  const cards = [
    imagesPerIdentity(facts, `${id}-images`),
    recordSizes(facts, `${id}-bytes`),
    sizesCard(facts),
    formatsCard(facts),
    skippedCard(facts),
    copiesCard(facts),
    ...facts.noise.map(noiseCard),
    lineageFigure(facts, `${id}-sources`),
  ]
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${facts.name} <small>dataset</small></h2>
${faultBox(facts.faults, 'What is missing below could not be read.')}
${tiles(tilesOf(facts))}
<div class="cards">
${cards}</div>
${facts.sheet && peopleOf(facts.sheet, `${id}-people`)}
${examplesCard(facts.examples, facts.seed, `${id}-examples`)}
${filesOf(facts)}
</section>
`
}

function tilesOf(facts: DatasetFacts): Tile[] {
  const {
    images,
    counted,
    identities,
    emptyIdentities,
    distribution,
    width,
    height,
    dialect,
    skipped,
    description,
  } = facts
  const size = facts.files.reduce((sum, file) => sum + file.bytes, 0)
  const empty = emptyIdentities ? `${count(emptyIdentities)} without images` : undefined
  const middle = distribution?.percentiles.find(({ percent: p }) => p === 50)?.images
  const left = skipped ? skippedCount(skipped) : description?.skipped
  return [
    {
      name: 'Images',
      value: count(images),
      note: counted === images ? undefined : `${count(counted)} of them counted below`,
    },
    { name: 'Identities', value: count(identities), note: empty },
    { name: 'Images per identity, median', value: middle === undefined ? 'not known' : count(middle) },
    { name: 'Image size', value: width === 0 ? 'not known' : `${width}×${height}` },
    { name: 'On disk', value: bytes(size), note: dialect && `${dialect} dialect` },
    { name: 'Skipped', value: left === undefined ? 'not known' : count(left) },
    {
      name: 'Made by',
      value: description?.stage ?? 'another tool',
      note: description?.tool ?? 'no dataset.json',
    },
  ]
}

function card(title: string, intro: Content, body: Content): Markup {
  return html`<section class="card"><h3>${title}</h3>${intro && html`<p class="note">${intro}</p>`}${body}</section>
`
}

function sizesCard({ tally }: DatasetFacts): Markup | undefined {
  if (tally === undefined || tally.images === 0) return undefined
  const listed = tally.sizes.slice(0, SIZES_LISTED)
  const others = tally.sizes.slice(SIZES_LISTED)
  const rest = others.reduce((sum, { images }) => sum + images, 0)
  const rows = [
    ...listed.map(
      ({ width, height, images }) => [width === 0 ? 'not known' : `${width} × ${height}`, images] as const,
    ),
    ...(rest === 0 ? [] : [[`${count(others.length)} other sizes`, rest] as const]),
  ]
  return card('Image sizes', 'Width and height in pixels.', partsTable('Image sizes', 'Size', rows))
}

function formatsCard({ tally }: DatasetFacts): Markup | undefined {
  if (tally === undefined || tally.images === 0) return undefined
  const rows = tally.formats.map(({ format, images }) => [format, images] as const)
  return card('Formats', 'As the images are stored.', partsTable('Formats', 'Format', rows))
}

function skippedCard({ skipped }: DatasetFacts): Markup | undefined {
  if (skipped === undefined) return undefined
  const total = skippedCount(skipped)
  if (total === 0) return card('Skipped files', 'None: everything that went in is a record.', undefined)
  const rest = skippedCount(skipped.slice(REASONS_LISTED))
  const rows = [
    ...skipped.slice(0, REASONS_LISTED).map(({ reason, count: files }) => [reason, files] as const),
    ...(rest === 0 ? [] : [['others', rest] as const]),
  ]
  const intro = `${count(total)} ${total === 1 ? 'file or record was' : 'files or records were'} left out. skipped.jsonl names each.`
  return card('Skipped files', intro, partsTable('Skipped files by reason', 'Reason', rows))
}

function copiesCard({ tally, noise }: DatasetFacts): Markup | undefined {
  if (tally === undefined || tally.images === 0) return undefined
  const { byteIdentical, images } = tally
  const found =
    byteIdentical === 0
      ? 'No two images have the same bytes.'
      : `${count(byteIdentical)} images (${percent(byteIdentical / images)}) have the bytes of an image before them.`
  const hint =
    noise.length === 0 &&
    html` Near-duplicates, wrong people and poor photos are not looked for here: <code>facedata clean DATASET --dry-run</code> finds them, and <code>--clean-report</code> shows what it found.`
  return card('Copies', html`${found}${hint}`, undefined)
}

function noiseCard({ state, rules }: Noise): Markup {
  const intro =
    state === 'found'
      ? 'What clean --dry-run found in this dataset. An image that several rules found counts for each.'
      : 'What clean left out when it made this dataset, by the weightiest rule.'
  const columns = [
    { title: 'Rule' },
    { title: 'Images', numeric: true },
    { title: 'Threshold', numeric: true },
  ]
  const rows = rules.map(({ rule, summary, threshold, images }) => ({
    name: html`${rule}<br><span class="muted">${summary}</span>`,
    count: images,
    shown: count(images),
    others: [threshold === undefined ? '' : String(threshold)],
  }))
  return card('Noise and near-duplicates', intro, renderBars({ caption: 'Noise by rule', columns }, rows))
}

/** Names with their counts, parts and bars. */
function partsTable(caption: string, title: string, rows: (readonly [string, number])[]): Markup {
  const all = rows.reduce((sum, [, images]) => sum + images, 0)
  const columns = [{ title }, { title: 'Count', numeric: true }, { title: 'Part', numeric: true }]
  return renderBars(
    { caption, columns },
    rows.map(([name, images]) => ({
      name,
      count: images,
      shown: count(images),
      others: [percent(images / all)],
    })),
  )
}

function filesOf({ files, fingerprint, description }: DatasetFacts): Markup {
  const intro = description
    ? html`Fingerprint <code>${fingerprint}</code>. Hashes are those written when the dataset was made; <code>facedata verify</code> compares them.`
    : html`A dataset of another tool: it has no hashes of its own. <code>facedata adopt</code> writes them.${fingerprint && html` Fingerprint of the records: <code>${fingerprint}</code>.`}`
  const table = renderTable({
    caption: 'Files',
    columns: [{ title: 'File' }, { title: 'Bytes', numeric: true }, { title: 'xxHash64' }],
    rows: files.map(({ name, bytes: size, xxh64 }) => [
      name,
      count(size),
      xxh64 && html`<code>${xxh64}</code>`,
    ]),
  })
  return html`<section class="card"><h3>Files and hashes</h3><p class="note">${intro}</p>${table}</section>
`
}
