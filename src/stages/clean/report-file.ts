import { formatCsvRow } from '../../csv/index.js'
import { type RuleName, rules } from '../../curation/index.js'
import type { ReportRow } from './report-row.js'

/** What a report says besides its rows. */
export interface ReportHead {
  dataset: string
  fingerprint: string
  images: number
  identities: number
  /** Thresholds of the rules that looked. */
  thresholds: Partial<Record<RuleName, number>>
  /** Images that each of them found. */
  found: Partial<Record<RuleName, number>>
}

export const reportColumns = [
  'rank',
  'action',
  'rule',
  'value',
  'threshold',
  'key',
  'label',
  'name',
  'path',
  'like_key',
  'like_name',
  'like_path',
  'also',
  'xxh64',
] as const

/** The report for a spreadsheet: `action` is what is edited. A bare hash could be taken for a number there. */
export function formatReportCsv(rows: ReportRow[]): string {
  const lines = rows.map((row) =>
    formatCsvRow([
      row.rank,
      row.action,
      row.rule,
      row.value,
      row.threshold,
      row.key,
      row.label,
      row.name,
      row.path,
      row.like?.key,
      row.like?.name,
      row.like?.path,
      row.also,
      `xxh64:${row.xxh64}`,
    ]),
  )
  return formatCsvRow(reportColumns) + lines.join('')
}

/** The same with one row a line, and what the rules were. */
export function formatReportJson(head: ReportHead, rows: ReportRow[]): string {
  const summaries = Object.fromEntries(
    rules.filter(({ name }) => head.found[name] !== undefined).map(({ name, summary }) => [name, summary]),
  )
  const list = rows.map(({ reason: _, ...row }) => `    ${JSON.stringify(row)}`).join(',\n')
  const text = JSON.stringify({ ...head, rules: summaries }, null, 2)
  return `${text.slice(0, -2)},\n  "rows": [${list === '' ? '' : `\n${list}\n  `}]\n}\n`
}
