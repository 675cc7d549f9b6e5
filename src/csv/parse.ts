import { InputError } from '../errors/index.js'

/** A row of a CSV file. */
export interface CsvRow {
  /** Line on which it begins, from 1. */
  line: number
  fields: string[]
}

/**
 * Reads CSV as spreadsheets write it: commas, or semicolons where the first line has no comma outside quotes; quoted
 * fields with doubled quotes and line ends in them; \n or \r\n; a byte order mark. Empty lines are passed over.
 * Source: RFC 4180.
 * @param file for errors
 * @throws InputError for a quote that is not closed
 */
export function parseCsv(text: string, file: string): CsvRow[] {
  const content = text.replace(/^\uFEFF/, '')
  const firstLine = content.slice(0, content.search(/\r?\n|$/)).replace(/"[^"]*"?/g, '')
  const separator = firstLine.includes(',') || !firstLine.includes(';') ? ',' : ';'
  const field = new RegExp(`"((?:[^"]|"")*)"|([^${separator}\\r\\n]*)`, 'y')
  const rows: CsvRow[] = []
  let at = 0
  let line = 1
  while (at < content.length) {
    const row: CsvRow = { line, fields: [] }
    for (;;) {
      field.lastIndex = at
      const [whole, quoted, plain] = field.exec(content)!
      if (plain?.startsWith('"')) throw unclosed(file, line)
      row.fields.push(quoted?.replaceAll('""', '"') ?? plain!)
      line += whole.split('\n').length - 1
      at += whole.length
      if (content[at] !== separator) break
      at++
    }
    const end = /\r?\n/y
    end.lastIndex = at
    const lineEnd = end.exec(content)?.[0] ?? ''
    if (lineEnd === '' && at < content.length) throw unclosed(file, line)
    at += lineEnd.length
    line++
    if (row.fields.length > 1 || row.fields[0] !== '') rows.push(row)
  }
  return rows
}

function unclosed(file: string, line: number): InputError {
  return new InputError({
    file,
    line,
    problem: 'a quoted field does not end where the field ends',
    expected: 'a closing quote before the next separator or line end; quotes inside a field doubled',
  })
}
