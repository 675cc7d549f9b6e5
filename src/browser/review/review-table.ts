import { parseCsv } from '../../csv/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import { readWholeFile } from '../../io/index.js'
import type { ReviewKind } from '../api.js'

/** The rows of a file that a dry run wrote, as they stand there. */
export interface ReviewTable {
  kind: ReviewKind
  path: string
  columns: string[]
  rows: ReviewTableRow[]
}

export interface ReviewTableRow {
  /** Line on which it begins, from 1. */
  line: number
  /** By column. */
  fields: string[]
}

/** What tells the files of `merge --dry-run` and of `clean --dry-run` from others. */
const KNOWN_BY: Record<ReviewKind, string[]> = {
  matches: ['a_dataset', 'b_dataset'],
  clean: ['action', 'key', 'xxh64'],
}

/** Reads matches of `merge --dry-run`, or a report of `clean --dry-run`. @throws InputError, UsageError */
export async function readReviewTable(path: string): Promise<ReviewTable> {
  if (path.endsWith('.json')) {
    throw new UsageError(`--review ${path}: answers are kept as CSV. Give the report.csv beside it`)
  }
  const [header, ...rows] = parseCsv((await readWholeFile(path)).toString('utf8'), path)
  const columns = header?.fields.map((field) => field.trim()) ?? []
  const kind = (['matches', 'clean'] as const).find((one) =>
    KNOWN_BY[one].every((column) => columns.includes(column)),
  )
  if (kind === undefined) {
    throw new InputError({
      file: path,
      line: 1,
      problem: 'is no review',
      expected:
        'the columns of merge --dry-run (a_dataset, b_dataset) or of clean --dry-run (action, key, xxh64)',
      actual: columns.join(', ') || 'an empty file',
      fix: 'Make one with facedata merge or facedata clean, and --dry-run.',
    })
  }
  // A map that a person wrote may have no actions, and rows that end early.
  const added = columns.includes('action') ? [] : ['action']
  const whole = [...added, ...columns]
  const table: ReviewTable = { kind, path, columns: whole, rows: [] }
  for (const { line, fields } of rows) {
    const found = [...added.map(() => ''), ...fields]
    table.rows.push({ line, fields: whole.map((_, i) => found[i] ?? '') })
  }
  return table
}

/** The field of a row; empty where it has none. */
export function fieldOf({ columns }: ReviewTable, { fields }: ReviewTableRow, column: string): string {
  return fields[columns.indexOf(column)]?.trim() ?? ''
}

const KEY_COLUMNS: Record<ReviewKind, string[]> = {
  matches: ['a_dataset', 'a_label', 'a_name', 'b_dataset', 'b_label', 'b_name'],
  clean: ['key', 'xxh64'],
}

/** The numbers of the rows by what they are about. @throws InputError where two are about the same */
export function rowNumbers(table: ReviewTable): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const [number, row] of table.rows.entries()) {
    const subject = subjectOf(table, row)
    const first = numbers.get(subject)
    if (first !== undefined) {
      throw new InputError({
        file: table.path,
        line: row.line,
        problem: `the row is about the same as line ${table.rows[first]!.line}`,
        fix: 'Take one of them out.',
      })
    }
    numbers.set(subject, number)
  }
  return numbers
}

/** What a row is about, whatever is answered. */
export function subjectOf(table: ReviewTable, row: ReviewTableRow): string {
  return JSON.stringify(KEY_COLUMNS[table.kind].map((column) => fieldOf(table, row, column)))
}
