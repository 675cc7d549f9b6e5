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

/** The rows of a `.lst` file, one by one: see `listBatches`. */
export async function* readList(path: string): AsyncGenerator<ListRow> {
  for await (const batch of listBatches(path)) yield* batch
}

/**
 * Streams a `.lst` file in either order of columns: `key\tlabel...\tpath` (im2rec) or `aligned\tpath\tlabel...`
 * (insightface, where the line number is the key), some thousand rows at a time.
 * @param wrongLine is told of a line of neither form, which is then left out
 * @throws InputError for such a line where `wrongLine` is not given
 */
export async function* listBatches(
  path: string,
  wrongLine: (error: InputError) => void = raise,
): AsyncGenerator<ListRow[]> {
  let line = 0
  for await (const lines of lineBatches(path)) {
    const rows: ListRow[] = []
    for (const text of lines) {
      line++
      if (text.trim() === '') continue
      const row = parseRow(text, line)
      if (row === undefined) wrongLine(notAListLine(path, line, text))
      else rows.push(row)
    }
    yield rows
  }
}

function raise(error: InputError): never {
  throw error
}

function parseRow(text: string, line: number): ListRow | undefined {
  const fields = text.split('\t')
  const [first, second, third] = fields
  if (first === undefined || second === undefined || third === undefined) return undefined
  const row = isNumber(second)
    ? { key: Number(first), label: Number(second), path: fields.at(-1)! }
    : { key: line, label: Number(third || Number.NaN), path: second }
  return Number.isSafeInteger(row.key) && row.key >= 0 && Number.isFinite(row.label) ? row : undefined
}

function notAListLine(file: string, line: number, text: string): InputError {
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

async function* lineBatches(path: string): AsyncGenerator<string[]> {
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
      const lines = (rest + chunk).split(/\r?\n/)
      rest = lines.pop()!
      yield lines
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  if (rest !== '') yield [rest]
}
