import type { IdentityMatch, IdentityPlace } from '../../identities/index.js'
import { shortPath } from '../../io/index.js'
import { readReviewCsv } from '../../stages/merge/review-csv.js'
import { shellWord } from '../../terminal/index.js'
import type { MatchItem, ReviewSide } from '../api.js'
import type { BrowsedDataset } from '../people/browsed-dataset.js'
import type { ReviewCases } from './review.js'
import { reviewSide } from './review-side.js'
import { fieldOf, type ReviewTable } from './review-table.js'

/** Finds a dataset that a review names, or opens it; a position among the open ones. @throws InputError */
export type FindDataset = (name: string) => Promise<number>

/** Pairs of identities that may be one person, as `merge --dry-run` found them. */
export class MatchCases implements ReviewCases {
  readonly command: string
  readonly #table: ReviewTable
  readonly #matches: IdentityMatch[]
  readonly #datasets: readonly BrowsedDataset[]

  private constructor(
    table: ReviewTable,
    matches: IdentityMatch[],
    datasets: readonly BrowsedDataset[],
    command: string,
  ) {
    this.#table = table
    this.#matches = matches
    this.#datasets = datasets
    this.command = command
  }

  /**
   * @param datasets that are open; `find` may add to them
   * @throws InputError for a row that names no identity, or not one alone
   */
  static async open(
    table: ReviewTable,
    datasets: readonly BrowsedDataset[],
    find: FindDataset,
    answers: string,
  ): Promise<MatchCases> {
    const names = new Set(
      table.rows.flatMap((row) => ['a_dataset', 'b_dataset'].map((column) => fieldOf(table, row, column))),
    )
    const nameOf = new Map<number, string>()
    for (const name of names) nameOf.set(await find(name), name)
    const named = datasets.map(({ dataset, people }, i) => ({
      dataset: nameOf.get(i) ?? dataset.name,
      names: people.names,
      images: people.images,
    }))
    const matches = await readReviewCsv(table.path, named, 'merge')
    const words = ['facedata', 'merge', ...names, '--identities', shortPath(answers)]
    return new MatchCases(table, matches, datasets, words.map(shellWord).join(' '))
  }

  async show(row: number) {
    const { a, b, score, action } = this.#matches[row]!
    const item: Omit<MatchItem, 'index' | 'answer' | 'progress' | 'next'> = {
      kind: 'matches',
      suggested: action,
      ...(score !== undefined && !Number.isNaN(score) && { score }),
      reason: fieldOf(this.#table, this.#table.rows[row]!, 'reason'),
      sides: [this.#side(a), this.#side(b)],
    }
    return item
  }

  #side({ input, label }: IdentityPlace): ReviewSide {
    return reviewSide(this.#datasets, input, label)
  }
}
