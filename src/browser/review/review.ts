import type { ReviewItem, ReviewOverview, ReviewProgress } from '../api.js'
import type { AnswersFile } from './answers-file.js'
import type { ReviewTable } from './review-table.js'

/** A case of a review without what all kinds have in common. */
type OwnPart<Item> = Item extends ReviewItem ? Omit<Item, 'index' | 'answer' | 'progress' | 'next'> : never

/** What one kind of review knows of its cases. */
export interface ReviewCases {
  /** @throws InputError */
  show(row: number): Promise<OwnPart<ReviewItem>>
  /** That does what the answers say. */
  command: string
}

/** A queue of cases and the answers to them. */
export class Review {
  readonly table: ReviewTable
  readonly answers: AnswersFile
  readonly #cases: ReviewCases

  constructor(table: ReviewTable, answers: AnswersFile, cases: ReviewCases) {
    this.table = table
    this.answers = answers
    this.#cases = cases
  }

  get length(): number {
    return this.table.rows.length
  }

  overview(name: string): ReviewOverview {
    return {
      kind: this.table.kind,
      name,
      file: this.table.path,
      answers: this.answers.path,
      command: this.#cases.command,
      others: this.answers.others.length,
      progress: this.progress(),
      next: Math.max(0, this.next(this.length - 1)),
    }
  }

  progress(): ReviewProgress {
    return { total: this.length, answered: this.answers.size, counts: this.answers.counts }
  }

  async item(row: number): Promise<ReviewItem> {
    const answer = this.answers.get(row)
    return {
      ...(await this.#cases.show(row)),
      index: row,
      ...(answer !== undefined && { answer }),
      progress: this.progress(),
      next: this.next(row),
    }
  }

  /** The first case behind a row, and else the first of all, that has no answer; -1 where every case has one. */
  next(row: number): number {
    for (let step = 1; step <= this.length; step++) {
      const at = (row + step) % this.length
      if (this.answers.get(at) === undefined) return at
    }
    return -1
  }
}
