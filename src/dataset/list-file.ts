import { createReadStream } from 'node:fs'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from '../io/index.js'

/** One line of a `.lst` file. */
export interface ListRow {
  key: number
  label: number
  path: string
}

/** One line of `train.lst`, as im2rec has it. Control characters in a path would break the line: they become U+FFFD. */
export function listLine({ key, label, path }: ListRow): string {
  return `${key}\t${label}\t${path.replace(/\p{Cc}/gu, '\ufffd')}\n`
}

/**
 * Streams a `.lst` file in either order of columns: `key\tlabel...\tpath` (im2rec) or `aligned\tpath\tlabel...`
 * (insightface, where the line number is the key).
 * @throws InputError for a line of neither form
 */
export async function* readList(path: string): AsyncGenerator<ListRow> {
  let line = 0
  for await (const text of readLines(path)) {
    line++
    if (text.trim() === '') continue
    const row = parseRow(text, line)
    if (row === undefined) throw notAListLine(path, line, text)
    yield row
  }
}

/** One line, without its end; undefined where it has neither form. @param line counted from 1 */
export function parseRow(text: string, line: number): ListRow | undefined {
  const fields = text.split('\t')
  const [first, second, third] = fields
  if (first === undefined || second === undefined || third === undefined) return undefined
  const row = isNumber(second)
    ? { key: Number(first), label: Number(second), path: fields.at(-1)! }
    : { key: line, label: Number(third || Number.NaN), path: second }
  return Number.isSafeInteger(row.key) && row.key >= 0 && Number.isFinite(row.label) ? row : undefined
}

export function notAListLine(file: string, line: number, text: string): InputError {
  return new InputError({
    file,
    line,
    problem: 'not a list line',
    expected: 'key, label, path; or aligned, path, label; with tabs between',
    actual: JSON.stringify(text.slice(0, 80)),
  })
}

function isNumber(field: string): boolean {
  return field.trim() !== '' && Number.isFinite(Number(field))
}

async function* readLines(path: string): AsyncGenerator<string> {
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
      const lines = (rest + chunk).split(/\r?\n/)
      rest = lines.pop()!
      yield* lines
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  if (rest !== '') yield rest
}
