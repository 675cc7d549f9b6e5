import { PythonFault } from './python-fault.js'
import { readString } from './string-literal.js'
import type { Token } from './token.js'

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy
const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?/y
const STRING = /([A-Za-z]{0,2})('''|"""|'|")/y
const SPACE = /(?:[ \t\f\r]|\\\r?\n)+/y
const OPERATOR = /\*\*=?|\/\/=?|[=!<>]=|<<|>>|->|:=|[-+*/%@&|^]=|[-+*/%@&|^~<>=()[\]{},:.;!]/y

/**
 * Cuts Python into tokens. Lines inside brackets, and those that end in a backslash, are one statement; comments and
 * empty lines are left out. Source: the lexical analysis chapter of Python's reference.
 * @throws PythonFault where it is no Python
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let offset = text.startsWith('\uFEFF') ? 1 : 0
  let line = 1
  let depth = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = offset
    return pattern.exec(text)
  }
  const add = (kind: Token['kind'], word: string) => void tokens.push({ kind, text: word, line })
  const advance = (word: string) => {
    offset += word.length
    line += word.split('\n').length - 1
  }
  const begins = () => depth === 0 && (tokens.length === 0 || tokens.at(-1)!.kind === 'newline')

  while (offset < text.length) {
    const space = match(SPACE)?.[0] ?? ''
    const begin = begins()
    advance(space)
    const next = text[offset]
    if (next === undefined) break
    if (next === '#') {
      advance(text.slice(offset).split('\n', 1)[0]!)
      continue
    }
    if (next === '\n') {
      if (depth === 0 && !begin) add('newline', '\n')
      advance(next)
      continue
    }
    if (begin && space !== '') add('indent', space)
    const string = match(STRING)
    if (string !== null) {
      const { value, length, refused } = readString(text, offset, string[1]!.toLowerCase(), string[2]!, line)
      add(refused === undefined ? 'string' : 'refused', refused ?? value)
      advance(text.slice(offset, offset + length))
      continue
    }
    const number = match(NUMBER)?.[0]
    const word = number ?? match(NAME)?.[0] ?? match(OPERATOR)?.[0]
    if (word === undefined) throw new PythonFault(line, `${JSON.stringify(next)} is no Python`)
    add(number !== undefined ? 'number' : /[\p{L}_]/u.test(next) ? 'name' : 'operator', word)
    if ('([{'.includes(word)) depth += 1
    if (')]}'.includes(word)) depth = Math.max(0, depth - 1)
    advance(word)
  }
  if (depth > 0) throw new PythonFault(line, 'a bracket is not closed')
  if (!begins()) add('newline', '\n')
  return tokens
}
