import { InputError } from '../../errors/index.js'
import { shortPath } from '../../io/index.js'
import { parseReview } from '../../stages/clean/review.js'
import { shellWord } from '../../terminal/index.js'
import type { CleanItem, PhotoFinding } from '../api.js'
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
    parseReview(text, table.path)
    const faults: InputError[] = []
    for (const [i, browsed] of datasets.entries()) {
      const positions = positionsByKey(browsed, keysOf(table))
      const fault = faultOf(table, browsed, positions)
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
    const item: Omit<CleanItem, 'index' | 'answer' | 'progress' | 'next'> = {
      kind: 'clean',
      suggested: field('action').toLowerCase(),
      dataset: this.#dataset,
      rule: field('rule'),
      value: field('value'),
      threshold: field('threshold'),
      also: field('also'),
      photo: photo!,
      person: reviewSide(this.#datasets, this.#dataset, photo!.label, position),
      ...(other && { like: { photo: other, ...(likeName !== undefined && { name: likeName }) } }),
    }
    return item
  }
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
    const fix = 'Give the report that was made of this dataset, or make it again with --dry-run.'
    if (position === undefined) {
      return new InputError({ ...place, problem: `${dataset.name} has no image with the key ${key}`, fix })
    }
    const own = images.labels[position]!
    const ownName = people.names[own] ?? ''
    if ((label === '' || Number(label) === own) && (name === '' || name === ownName.trim())) continue
    return new InputError({
      ...place,
      problem: `record ${key} of ${dataset.name} is of another identity than the report has`,
      expected: `label ${label} "${name}"`,
      actual: `label ${own} "${ownName}"`,
      fix,
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
