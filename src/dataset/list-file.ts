import { StringDecoder } from 'node:string_decoder'
import { InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'

const CHUNK_BYTES = 256 * 1024

/** Characters: a path and thousands of labels. */
const LONGEST_LINE = 1024 * 1024

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
  for await (const rows of listBatches(path)) yield* rows
}

/**
 * Streams a `.lst` file in either order of columns: `key\tlabel...\tpath` (im2rec) or `aligned\tpath\tlabel...`
 * (insightface, where the line number is the key), some thousand rows at a time.
 * @throws InputError for a line of neither form
 */
export async function* listBatches(path: string): AsyncGenerator<ListRow[]> {
  let line = 0
  for await (const lines of lineBatches(path)) {
    const rows: ListRow[] = []
    for (const text of lines) {
      line++
      if (text.trim() === '') continue
      const row = parseRow(text, line)
      if (row === undefined) throw notAListLine(path, line, text)
      rows.push(row)
    }
    yield rows
  }
}

/** One line, without its end; undefined where it has neither form, or is too long. @param line counted from 1 */
export function parseRow(text: string, line: number): ListRow | undefined {
  if (text.length > LONGEST_LINE) return undefined
  const fields = text.split('\t')
  const [first, second, third] = fields
  if (first === undefined || second === undefined || third === undefined) return undefined
  const row = isNumber(second)
    ? { key: Number(first || Number.NaN), label: Number(second), path: fields.at(-1)! }
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

/** Lines of UTF-8 text. Of a line longer than `LONGEST_LINE` a part comes that is still longer. */
async function* lineBatches(path: string): AsyncGenerator<string[]> {
  const file = await InputFile.open(path)
  try {
    const decoder = new StringDecoder('utf8')
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, file.size))
    let rest = ''
    for (let offset = 0; offset < file.size; ) {
      const filled = await file.read(chunk, offset)
      if (filled === 0) break
      offset += filled
      const lines = (rest + decoder.write(chunk.subarray(0, filled))).split(/\r?\n/)
      rest = lines.pop()!.slice(0, LONGEST_LINE + 1)
      yield lines
    }
    rest += decoder.end()
    if (rest !== '') yield [rest]
  } finally {
    await file.close()
  }
}
