import { parseCsv } from '../../csv/index.js'
import { InputError } from '../../errors/index.js'
import { type Action, actions } from './report-row.js'

/** What an edited report says of one image. */
export interface ReviewedImage {
  action: Action
  key: number
  /** In hex. */
  xxh64: string
  /** For `skipped.jsonl`. */
  reason: string
  /** Line or row of the file, from 1. */
  line: number
}

/** An edited report, CSV or JSON by the name of its file. Images that it does not list are kept. @throws InputError */
export function parseReview(text: string, path: string): ReviewedImage[] {
  const records = path.endsWith('.json') ? jsonRecords(text, path) : csvRecords(text, path)
  return records.map(({ line, fields }) => reviewed(fields, line, path))
}

type Fields = ReadonlyMap<string, string>

interface ReviewRecord {
  line: number
  fields: Fields
}

function csvRecords(text: string, path: string): ReviewRecord[] {
  const [header, ...rows] = parseCsv(text, path)
  const columns = header?.fields ?? []
  const missing = ['action', 'key', 'xxh64'].filter((column) => !columns.includes(column))
  if (missing.length > 0) {
    throw new InputError({
      file: path,
      line: 1,
      problem: 'is not a report of facedata clean',
      expected: `the columns action, key and xxh64`,
      actual: columns.join(', ') || 'an empty file',
      fix: 'Make one with --dry-run, and leave its first line as it is.',
    })
  }
  return rows.map(({ line, fields }) => ({
    line,
    fields: new Map(columns.map((column, i) => [column, (fields[i] ?? '').trim()])),
  }))
}

function jsonRecords(text: string, path: string): ReviewRecord[] {
  let rows: unknown
  try {
    rows = (JSON.parse(text) as { rows?: unknown } | null)?.rows
  } catch (error) {
    throw new InputError(
      { file: path, problem: `is not JSON: ${(error as Error).message}` },
      { cause: error },
    )
  }
  if (!Array.isArray(rows)) {
    throw new InputError({
      file: path,
      problem: 'is not a report of facedata clean: it has no rows',
      fix: 'Make one with --dry-run.',
    })
  }
  return rows.map((row: Record<string, unknown>, index) => ({
    line: index + 1,
    fields: new Map(Object.entries(row ?? {}).map(([name, value]) => [name, String(value)])),
  }))
}

function reviewed(fields: Fields, line: number, path: string): ReviewedImage {
  const value = (name: string) => fields.get(name) ?? ''
  const action = actions.find((one) => one === value('action').toLowerCase())
  if (action === undefined) throw wrong('action', actions.join(', '), value('action'), line, path)
  const key = Number(value('key'))
  if (!/^\d+$/.test(value('key'))) throw wrong('key', 'the key of a record', value('key'), line, path)
  const xxh64 = value('xxh64')
    .toLowerCase()
    .replace(/^xxh64:/, '')
  if (!/^[0-9a-f]{16}$/.test(xxh64)) {
    throw wrong('xxh64', '16 hex digits', value('xxh64'), line, path)
  }
  const measured = [value('rule'), value('value')].filter((text) => text !== '').join(' ')
  return { action, key, xxh64, line, reason: measured === '' ? 'by review' : `by review: ${measured}` }
}

function wrong(column: string, expected: string, actual: string, line: number, file: string): InputError {
  return new InputError({
    file,
    line,
    problem: `the ${column} is none`,
    expected,
    actual: actual === '' ? 'nothing' : actual,
    fix: 'Edit the column action alone.',
  })
}
