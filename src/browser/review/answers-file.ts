import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { formatCsvRow } from '../../csv/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import { inputErrorFrom, writeFileAtomically } from '../../io/index.js'
import { isPublishedFolder } from '../../stages/published-folder.js'
import { reviewAnswers } from '../api.js'
import {
  fieldOf,
  type ReviewTable,
  type ReviewTableRow,
  readReviewTable,
  rowNumbers,
  subjectOf,
} from './review-table.js'

const ENDING = '.answers.csv'

/**
 * Where the answers to a review go: beside it. Of a folder that `clean` published, which another dry run replaces with
 * all that is in it, beside the folder. @throws UsageError where the review is a file of answers itself
 */
export async function answersPath(review: string): Promise<string> {
  if (review.endsWith(ENDING)) {
    throw new UsageError(`--review ${review} holds answers: give the review that they answer`)
  }
  const folder = dirname(review)
  if (await isPublishedFolder(folder)) return `${folder}${ENDING}`
  return join(folder, `${basename(review, '.csv')}${ENDING}`)
}

/**
 * The answers to a review, in a file of the same form that holds the answered rows alone, each with the answer as its
 * action: `merge --identities` and `clean --review` read it. It is written whole at every answer.
 */
export class AnswersFile {
  readonly path: string
  readonly #table: ReviewTable
  /** By number of the row. */
  readonly #answers = new Map<number, string>()
  /** Rows that were answered in an earlier review, and are not in this one. */
  readonly #others: ReviewTableRow[] = []
  /** The file as it stands, by what was read or written last; undefined where there is none. */
  #text: string | undefined
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(path: string, table: ReviewTable) {
    this.path = path
    this.#table = table
  }

  /** Reads the answers that were given before. @throws InputError where the file is none of answers to such a review */
  static async open(path: string, table: ReviewTable): Promise<AnswersFile> {
    const file = new AnswersFile(path, table)
    file.#text = await textOf(path)
    if (file.#text !== undefined) file.#take(await readReviewTable(path))
    return file
  }

  get(row: number): string | undefined {
    return this.#answers.get(row)
  }

  get size(): number {
    return this.#answers.size
  }

  /** How often each answer was given. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const answer of this.#answers.values()) counts[answer] = (counts[answer] ?? 0) + 1
    return counts
  }

  /** Rows that this review does not list. */
  get others(): ReviewTableRow[] {
    return this.#others
  }

  /**
   * Answers a row, or takes the answer back; once the promise is settled it is on the disk.
   * @throws InputError where another program changed the file; OutputError: nothing is changed then
   */
  set(row: number, answer: string | undefined): Promise<void> {
    const written = this.#writing.then(() => this.#write(row, answer))
    this.#writing = written.catch(() => {})
    return written
  }

  /** Waits for what is being written. */
  async settled(): Promise<void> {
    await this.#writing
  }

  async #write(row: number, answer: string | undefined): Promise<void> {
    if ((await textOf(this.path)) !== this.#text) {
      throw new InputError({
        file: this.path,
        problem: 'another program changed the answers, and this one would undo that. The answer was not kept',
        fix: 'Start facedata browse again: it reads them.',
      })
    }
    const before = this.#answers.get(row)
    this.#change(row, answer)
    const text = this.#format()
    try {
      await writeFileAtomically(this.path, text)
      this.#text = text
    } catch (error) {
      this.#change(row, before)
      throw error
    }
  }

  #change(row: number, answer: string | undefined): void {
    if (answer === undefined) this.#answers.delete(row)
    else this.#answers.set(row, answer)
  }

  #format(): string {
    const { columns, rows } = this.#table
    const action = columns.indexOf('action')
    const lines = [formatCsvRow(columns)]
    for (const [number, { fields }] of rows.entries()) {
      const answer = this.#answers.get(number)
      if (answer !== undefined) lines.push(formatCsvRow(fields.with(action, answer)))
    }
    for (const { fields } of this.#others) lines.push(formatCsvRow(fields))
    return lines.join('')
  }

  #take(answered: ReviewTable): void {
    const { kind, columns } = this.#table
    if (answered.kind !== kind || answered.columns.join() !== columns.join()) {
      throw new InputError({
        file: this.path,
        line: 1,
        problem: 'its answers are to a review of another form',
        expected: columns.join(', '),
        actual: answered.columns.join(', '),
        fix: 'Move it away, or browse the review that it answers.',
      })
    }
    const numberOf = rowNumbers(this.#table)
    const allowed: readonly string[] = reviewAnswers[kind]
    for (const row of answered.rows) {
      const answer = fieldOf(answered, row, 'action').toLowerCase()
      if (!allowed.includes(answer)) {
        throw new InputError({
          file: this.path,
          line: row.line,
          problem: 'the row has no such action',
          expected: allowed.join(', '),
          actual: answer === '' ? 'nothing' : answer,
        })
      }
      const number = numberOf.get(subjectOf(answered, row))
      if (number === undefined) this.#others.push(row)
      else this.#answers.set(number, answer)
    }
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw inputErrorFrom(error, path)
  }
}
