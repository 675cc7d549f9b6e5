import { PythonFault } from './python-fault.js'

const ESCAPES: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** One escape after its backslash: a number of a character, a line that goes on, or a letter. */
const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(\r?\n)|(.))/g

export interface StringLiteral {
  value: string
  /** Characters from the prefix to the closing quote. */
  length: number
  /** What it is, where it is a string that is not read. */
  refused?: string
}

/** Reads the string at `offset`. @param prefix in lower case: `r`, `f` ... @throws PythonFault where it has no end */
export function readString(
  text: string,
  offset: number,
  prefix: string,
  quote: string,
  line: number,
): StringLiteral {
  const start = offset + prefix.length + quote.length
  let end = start
  while (!text.startsWith(quote, end)) {
    if (end >= text.length || (quote.length === 1 && text[end] === '\n')) {
      throw new PythonFault(line, 'the string has no end')
    }
    end += text[end] === '\\' ? 2 : 1
  }
  const body = text.slice(start, end)
  const length = end + quote.length - offset
  if (prefix.includes('f')) return { value: body, length, refused: 'an f-string' }
  if (prefix.includes('b')) return { value: body, length, refused: 'a bytes string' }
  if (!['', 'r', 'u'].includes(prefix)) throw new PythonFault(line, `'${prefix}' is no prefix of a string`)
  return { value: prefix === 'r' ? body : withoutEscapes(body), length }
}

function withoutEscapes(body: string): string {
  return body.replace(ESCAPE, (whole, octal, x, u, longU, newline, letter: string | undefined) => {
    const code = octal === undefined ? (x ?? u ?? longU) : undefined
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
    return newline === undefined ? (ESCAPES[letter!] ?? whole) : ''
  })
}
