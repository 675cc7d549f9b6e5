import type { Source } from '../../dataset/index.js'
import { barsText, bytesText, countText, shareText, type TerminalStyle } from '../../terminal/index.js'
import type { ImageCensus } from './census.js'
import type { DatasetInspection, MadeBy } from './dataset.js'
import type { Distribution } from './distribution.js'
import { describeRecord } from './record.js'
import { formatRows, heading, type Row, someOf, someRows } from './rows.js'

/** So that all of it, with a record, is at most a screen of 24 lines. */
const MOST_SOURCES = 5
const MOST_REASONS = 4
const MOST_KINDS = 4

const LONGEST_REASON = 100

/** The lines of a dataset for a terminal. */
export function describeDataset(found: DatasetInspection, style: TerminalStyle): string[] {
  const { name, images, identities, emptyIdentities, record, made, unindexedRecords } = found
  const empty = emptyIdentities === 0 ? '' : `, ${countText(emptyIdentities)} of them without images`
  const rows: Row[] = [
    ...spread(found.imagesPerIdentity, style),
    ...sizesAndFormats(found),
    ...(made === undefined ? [] : sources(made, images)),
    ...(made === undefined ? [] : skipped(made)),
    ...(unindexedRecords === 0
      ? []
      : [['not read', `${countText(unindexedRecords)} records that the index does not name`] as const]),
    ['made by', madeByText(found)],
    ['files', files(found)],
    ['folder', found.path],
  ]
  return [
    heading(
      name,
      `${countText(images)} images of ${countText(identities)} identities${empty}, dialect ${found.dialect}`,
      style,
    ),
    ...formatRows(rows, style),
    ...(record === undefined ? [] : describeRecord(record)),
  ]
}

function spread(images: Distribution, style: TerminalStyle): Row[] {
  const { minimum, maximum, median, mean, percentiles, histogram } = images
  if (histogram.length === 0) return []
  const isLinear = histogram.every(({ from, to }) => from === to)
  const bars = barsText(
    histogram.map(({ identities }) => identities),
    style,
  )
  return [
    [
      'images each',
      `${countText(minimum)} |${bars}| ${countText(maximum)}${isLinear ? '' : ', two bars for each doubling'}`,
    ],
    [
      '',
      `median ${countText(median)}, mean ${mean.toFixed(1)}; percentiles ${Object.entries(percentiles)
        .map(([percent, count]) => `${percent}%: ${countText(count)}`)
        .join(', ')}`,
    ],
  ]
}

/** Of a dataset or a bin. */
export function sizesAndFormats({ sizes, distinctSizes, formats }: ImageCensus): Row[] {
  const all = formats.reduce((sum, { images }) => sum + images, 0)
  if (all === 0) return []
  const shown = sizes.slice(0, MOST_KINDS).map(({ width, height, images }) => {
    return `${width === 0 ? 'not known' : `${width}x${height}`} ${shareText(images, all)}`
  })
  const others = distinctSizes - shown.length
  return [
    ['sizes', others === 0 ? shown.join(', ') : `${shown.join(', ')} and ${countText(others)} more`],
    [
      'formats',
      someOf(
        formats.map(({ format, images }) => `${format} ${shareText(images, all)}`),
        MOST_KINDS,
      ),
    ],
  ]
}

function sources({ sources: all, imagesBySource }: MadeBy, images: number): Row[] {
  const shares = all
    .map((source, i) => ({ source, count: imagesBySource[i] ?? 0 }))
    .sort((a, b) => b.count - a.count)
    .map(({ source, count }) => `${shareText(count, images)} ${describeSource(source)}`)
  return someRows('sources', shares, MOST_SOURCES)
}

/** `dataset umd (licence: CC0), from folder photos` */
function describeSource({ kind, name, licence, origin, sources: made = [] }: Source): string {
  const terms = [licence && `licence: ${licence}`, origin && `origin: ${origin}`].filter(Boolean)
  const from = made.length === 0 ? '' : `, from ${someOf(made.map(describeSource), 2)}`
  return `${kind} ${name}${terms.length === 0 ? '' : ` (${terms.join(', ')})`}${from}`
}

function skipped({ skipped: count, skippedReasons }: MadeBy): Row[] {
  const reasons = skippedReasons.map((known) => {
    const reason = known.reason.replaceAll('\n', ' ')
    return `${countText(known.count)} ${reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}...` : reason}`
  })
  if (count === 0 || reasons.length === 0) return [['skipped', `${countText(count)}`]]
  return [['skipped', `${countText(count)}: see skipped.jsonl`], ...someRows('', reasons, MOST_REASONS)]
}

function madeByText({ made }: DatasetInspection): string {
  if (made === undefined) return 'another tool: there is no manifest (facedata adopt writes one)'
  return `${made.tool} ${made.stage}, fingerprint ${made.fingerprint}`
}

function files({ files: all, images }: DatasetInspection): string {
  const [records, ...others] = all
  const each = images === 0 ? '' : ` (${bytesText(records!.bytes / images)} an image)`
  return [`${records!.name} ${bytesText(records!.bytes)}${each}`, ...others.map(({ name }) => name)].join(
    ', ',
  )
}
