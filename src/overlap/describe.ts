import { type CommonPerson, describeSide } from './common-person.js'
import type { CommonImage, NamedImage, Overlap, OverlapSide } from './overlap.js'

/** Rows of each table that are shown. */
const SHOWN = 20

/** What is in common, for the console: the counts, and the first people and images. */
export function describeOverlap(overlap: Overlap): string[] {
  const { a, b, images, people } = overlap.counts
  return [
    `${describeSource(a)} and ${describeSource(b)}`,
    `  byte-identical images: ${text(images.a)} of ${a.name}, ${text(images.b)} of ${b.name}, ${text(images.distinct)} different ones`,
    `  people in common: ${text(people.count)} (${text(people.name)} by name, ${text(people.embedding)} by embedding, ${text(people.bytes)} by byte-identical images)`,
    ...table(['person', a.name, b.name], overlap.people, people.count, personCells),
    ...table(['image', a.name, b.name], overlap.images(), overlap.imagePairs, imageCells),
  ]
}

function describeSource({ name, kind, images, identities }: OverlapSide): string {
  const people = identities === undefined ? '' : ` of ${text(identities)} identities`
  return `${name} (${kind}, ${text(images)} images${people})`
}

function personCells({ a, b, by, cosine }: CommonPerson): string[] {
  const score = cosine === undefined ? '' : `, cosine ${cosine.toFixed(2)}`
  return [`by ${by.join(' and ')}${score}`, describeSide(a), describeSide(b)]
}

function imageCells({ a, b, xxh64 }: CommonImage): string[] {
  return [xxh64, describeImage(a), describeImage(b)]
}

function describeImage({ identity, label, path, key }: NamedImage): string {
  if (path !== '') return path
  return label === undefined ? `image ${key}` : `${identity ?? `label ${label}`}: record ${key}`
}

/** The first rows below a header, in columns. Nothing for no row. */
function table<T>(
  header: string[],
  items: Iterable<T>,
  count: number,
  cells: (item: T) => string[],
): string[] {
  if (count === 0) return []
  const rows = [header]
  for (const item of items) {
    if (rows.length > SHOWN) break
    rows.push(cells(item))
  }
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd())
  const more = count - (rows.length - 1)
  return ['', ...lines, ...(more > 0 ? [`  and ${text(more)} more: --json or -o FILE.csv list them`] : [])]
}

function text(count: number): string {
  return count.toLocaleString('en-US')
}
