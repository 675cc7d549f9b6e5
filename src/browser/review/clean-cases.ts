import { InputError } from '../../errors/index.js'
import { hashToHex } from '../../hash/xxh64.js'
import { shortPath } from '../../io/index.js'
import { parseReview, type ReviewedImage } from '../../stages/clean/review.js'
import { shellWord } from '../../terminal/index.js'
import type { CleanItem, PhotoFinding, PhotoRow } from '../api.js'
import type { BrowsedDataset } from '../people/browsed-dataset.js'
import { Findings } from '../people/findings.js'
import { photoRows } from '../people/photo-rows.js'
import type { ReviewCases } from './review.js'
import { reviewSide } from './review-side.js'
import { fieldOf, type ReviewTable } from './review-table.js'

/** Images that rules of `clean --dry-run` found. */
export class CleanCases implements ReviewCases {
  readonly command: string
  readonly #table: ReviewTable
  readonly #datasets: readonly BrowsedDataset[]
  readonly #dataset: number
  /** By key, of the images that the report names. */
  readonly #positions: ReadonlyMap<number, number>

  private constructor(
    table: ReviewTable,
    datasets: readonly BrowsedDataset[],
    dataset: number,
    positions: ReadonlyMap<number, number>,
    answers: string,
  ) {
    this.#table = table
    this.#datasets = datasets
    this.#dataset = dataset
    this.#positions = positions
    const { name } = datasets[dataset]!.dataset
    this.command = ['facedata', 'clean', name, '--review', shortPath(answers)].map(shellWord).join(' ')
  }

  /**
   * The report is of the first of the datasets that has all its images, which then knows what was found.
   * @throws InputError where it is of none
   */
  static async open(
    table: ReviewTable,
    text: string,
    datasets: readonly BrowsedDataset[],
    answers: string,
  ): Promise<CleanCases> {
    const images = parseReview(text, table.path)
    const faults: InputError[] = []
    for (const [i, browsed] of datasets.entries()) {
      const positions = positionsByKey(browsed, keysOf(table))
      const fault =
        faultOf(table, browsed, positions) ?? (await otherImage(table, images, browsed, positions))
      if (fault !== undefined) {
        faults.push(fault)
        continue
      }
      browsed.findings = findingsOf(table, browsed, positions)
      return new CleanCases(table, datasets, i, positions, answers)
    }
    throw faults[0]!
  }

  async show(row: number) {
    const found = this.#table.rows[row]!
    const field = (column: string) => fieldOf(this.#table, found, column)
    const browsed = this.#datasets[this.#dataset]!
    const like = this.#positions.get(keyOf(field('like_key')))
    const position = this.#positions.get(keyOf(field('key')))!
    const [photo, other] = await photoRows(browsed, like === undefined ? [position] : [position, like])
    const likeName = other && browsed.people.names[other.label]
    const fault = photo!.fault ?? changeOf(photo!, field('xxh64'))
    const item: Omit<CleanItem, 'index' | 'answer' | 'progress' | 'next'> = {
      kind: 'clean',
      suggested: field('action').toLowerCase(),
      dataset: this.#dataset,
      rule: field('rule'),
      value: field('value'),
      threshold: field('threshold'),
      also: field('also'),
      photo: { ...photo!, ...(fault !== undefined && { fault }) },
      person: reviewSide(this.#datasets, this.#dataset, photo!.label, position),
      ...(other && { like: { photo: other, ...(likeName !== undefined && { name: likeName }) } }),
    }
    return item
  }
}

/** Why a photo is not the one that was found. @param reported as the report has its hash */
function changeOf({ xxh64 }: PhotoRow, reported: string): string | undefined {
  const expected = reported.toLowerCase().replace(/^xxh64:/, '')
  if (xxh64 === undefined || xxh64 === expected) return undefined
  return `not the image that the report is about: expected xxh64 ${expected}, found ${xxh64}`
}

function keysOf(table: ReviewTable): Set<number> {
  return new Set(
    table.rows.flatMap((row) => ['key', 'like_key'].map((column) => keyOf(fieldOf(table, row, column)))),
  )
}

/** NaN where a row has none. */
function keyOf(text: string): number {
  return text === '' ? Number.NaN : Number(text)
}

function positionsByKey({ table }: BrowsedDataset, wanted: ReadonlySet<number>): Map<number, number> {
  const positions = new Map<number, number>()
  for (const [position, key] of table.keys.entries()) if (wanted.has(key)) positions.set(key, position)
  return positions
}

const FIX = 'Give the report that was made of this dataset, or make it again with --dry-run.'

/** Why the report is not of this dataset: a key, label or name that is another one there. */
function faultOf(
  table: ReviewTable,
  { dataset, table: images, people }: BrowsedDataset,
  positions: ReadonlyMap<number, number>,
): InputError | undefined {
  for (const row of table.rows) {
    const [key, label, name] = ['key', 'label', 'name'].map((column) => fieldOf(table, row, column))
    const position = positions.get(keyOf(key!))
    const place = { file: table.path, line: row.line }
    if (position === undefined) {
      return new InputError({
        ...place,
        problem: `${dataset.name} has no image with the key ${key}`,
        fix: FIX,
      })
    }
    const own = images.labels[position]!
    const ownName = people.names[own] ?? ''
    if ((label === '' || Number(label) === own) && (name === '' || name === ownName.trim())) continue
    return new InputError({
      ...place,
      problem: `record ${key} of ${dataset.name} is of another identity than the report has`,
      expected: `label ${label} "${name}"`,
      actual: `label ${own} "${ownName}"`,
      fix: FIX,
    })
  }
  return undefined
}

/** Rows of a manifest that are looked at together, in its order: each batch of it is read once. */
const ROWS_AT_ONCE = 4096

/**
 * The same, where key, label and name are those of an image with other bytes now. A dataset of another tool has no hashes
 * to compare: there `show` tells.
 */
async function otherImage(
  table: ReviewTable,
  images: ReviewedImage[],
  { dataset, manifest }: BrowsedDataset,
  positions: ReadonlyMap<number, number>,
): Promise<InputError | undefined> {
  if (manifest === undefined) return undefined
  const positionOf = ({ key }: ReviewedImage) => positions.get(key)!
  const ordered = [...images].sort((a, b) => positionOf(a) - positionOf(b))
  for (let first = 0; first < ordered.length; first += ROWS_AT_ONCE) {
    const some = ordered.slice(first, first + ROWS_AT_ONCE)
    const rows = await manifest.rows(some.map(positionOf))
    const at = some.findIndex((image, i) => hashToHex(rows[i]!.xxh64) !== image.xxh64)
    if (at === -1) continue
    return new InputError({
      file: table.path,
      line: some[at]!.line,
      problem: `record ${some[at]!.key} of ${dataset.name} is another image than the report has`,
      expected: `xxh64 ${some[at]!.xxh64}`,
      actual: hashToHex(rows[at]!.xxh64),
      fix: FIX,
    })
  }
  return undefined
}

function findingsOf(
  table: ReviewTable,
  { people, table: images }: BrowsedDataset,
  positions: ReadonlyMap<number, number>,
): Findings {
  const findings = new Findings(people.count)
  for (const row of table.rows) {
    const field = (column: string) => fieldOf(table, row, column)
    const key = keyOf(field('key'))
    const value = Number(field('value'))
    const finding: PhotoFinding = {
      rule: field('rule'),
      ...(field('value') !== '' && !Number.isNaN(value) && { value }),
      ...(field('also') !== '' && { also: field('also') }),
    }
    findings.add(key, images.labels[positions.get(key)!]!, finding)
  }
  return findings
}
