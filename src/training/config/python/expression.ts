import { exactly, operate } from './arithmetic.js'
import { PythonFault, UntoldValue } from './python-fault.js'
import { kindOf, PythonDict, type PythonEntry, type PythonValue } from './python-value.js'
import { nameOf, type Token } from './token.js'
import type { TokenReader } from './token-reader.js'

/** What an expression may name. */
export interface Names {
  /** Names that were assigned before. */
  values: PythonDict
  /** Names, dotted ones too, that make a dict: `edict`, `easydict.EasyDict`, `dict`. */
  dicts: ReadonlySet<string>
}

const CONSTANTS: ReadonlyMap<string, PythonValue> = new Map<string, PythonValue>([
  ['True', true],
  ['False', false],
  ['None', null],
])

/** Words that begin an expression and are no names. */
const OPERATORS: ReadonlySet<string> = new Set(['not', 'lambda', 'await', 'yield'])

/** Reads and computes one expression; a comma without brackets makes a list of it. @throws PythonFault, UntoldValue */
export function readExpression(tokens: TokenReader, names: Names): PythonValue {
  const first = readSum(tokens, names)
  if (!tokens.at(',')) return first
  const items = [first]
  while (tokens.take(',') && tokens.next.kind !== 'newline') items.push(readSum(tokens, names))
  return items
}

function readSum(tokens: TokenReader, names: Names): PythonValue {
  let value = readProduct(tokens, names)
  for (let operator = tokens.take('+', '-'); operator; operator = tokens.take('+', '-')) {
    value = operate(operator.text, value, readProduct(tokens, names), operator.line)
  }
  return value
}

function readProduct(tokens: TokenReader, names: Names): PythonValue {
  let value = readSigned(tokens, names)
  for (let operator = tokens.take('*', '/', '//'); operator; operator = tokens.take('*', '/', '//')) {
    value = operate(operator.text, value, readSigned(tokens, names), operator.line)
  }
  return value
}

function readSigned(tokens: TokenReader, names: Names): PythonValue {
  const sign = tokens.take('-', '+')
  if (sign === undefined) return readAtom(tokens, names)
  const value = readSigned(tokens, names)
  if (typeof value !== 'number') throw new PythonFault(sign.line, `${sign.text} before ${kindOf(value)}`)
  return sign.text === '-' ? -value : value
}

function readAtom(tokens: TokenReader, names: Names): PythonValue {
  const token = tokens.shift()
  switch (token.kind) {
    case 'number':
      return readNumber(token)
    case 'string': {
      let text = token.text
      for (let more = tokens.takeString(); more !== undefined; more = tokens.takeString()) text += more
      return text
    }
    case 'name':
      return CONSTANTS.has(token.text) ? CONSTANTS.get(token.text)! : readName(token, tokens, names)
    case 'refused':
      throw new PythonFault(token.line, `${token.text} is not read: write the text as it is`)
    case 'operator':
      if (token.text === '(') return readParentheses(tokens, names)
      if (token.text === '[') return readItems(tokens, names, ']')
      if (token.text === '{') return readDict(tokens, names)
  }
  throw new PythonFault(token.line, `expected a value, found ${nameOf(token)}`)
}

function readNumber({ text, line }: Token): number {
  const digits = text.replaceAll('_', '')
  if (/^0\d/.test(digits) && /^\d+$/.test(digits) && Number(digits) !== 0) {
    throw new PythonFault(line, `${text}: a number does not begin with 0`)
  }
  return exactly(Number(digits), line)
}

/** A value in parentheses, or a tuple: the comma makes it one. */
function readParentheses(tokens: TokenReader, names: Names): PythonValue {
  if (tokens.take(')')) return []
  const first = readSum(tokens, names)
  if (tokens.take(')')) return first
  tokens.expect(',')
  return [first, ...readItems(tokens, names, ')')]
}

function readItems(tokens: TokenReader, names: Names, end: string): PythonValue[] {
  const items: PythonValue[] = []
  while (!tokens.take(end)) {
    items.push(readSum(tokens, names))
    if (!tokens.at(end)) tokens.expect(',')
  }
  return items
}

function readDict(tokens: TokenReader, names: Names): PythonDict {
  const dict = new PythonDict()
  while (!tokens.take('}')) {
    const { line } = tokens.next
    const key = readSum(tokens, names)
    if (typeof key !== 'string') throw new PythonFault(line, `a key is a string here, found ${kindOf(key)}`)
    tokens.expect(':')
    dict.entries.set(key, { value: readSum(tokens, names), line })
    if (!tokens.at('}')) tokens.expect(',')
  }
  return dict
}

/** `config.num_epoch`, or a call of what makes a dict. */
function readName(first: Token, tokens: TokenReader, names: Names): PythonValue {
  if (OPERATORS.has(first.text)) throw new PythonFault(first.line, `'${first.text}' is not read`)
  const path = [first.text]
  while (tokens.take('.')) path.push(tokens.expectName())
  const name = path.join('.')
  if (tokens.at('(')) return readCall(name, first.line, tokens, names)
  if (tokens.at('[')) throw new PythonFault(first.line, `${name}[...] is not read: write the value as it is`)
  const entry = path.reduce<PythonEntry | undefined>((found, part, index) => {
    const dict = index === 0 ? names.values : found?.value
    return dict instanceof PythonDict ? dict.entries.get(part) : undefined
  }, undefined)
  if (entry === undefined) throw new PythonFault(first.line, `${name} has no value above this line`)
  if (entry.value === undefined) throw new UntoldValue()
  return entry.value
}

/** `edict()`, `dict(name="mbf", scale=1)` or `edict({...})`. */
function readCall(name: string, line: number, tokens: TokenReader, names: Names): PythonDict {
  if (!names.dicts.has(name)) {
    throw new PythonFault(line, `${name}(...) is not read, for Python is not run: write its value`)
  }
  tokens.expect('(')
  const dict = new PythonDict()
  while (!tokens.take(')')) {
    const key = tokens.takeKeyword()
    const value = readSum(tokens, names)
    if (key !== undefined) dict.entries.set(key.text, { value, line: key.line })
    else if (value instanceof PythonDict)
      for (const [inner, entry] of value.entries) dict.entries.set(inner, entry)
    else throw new PythonFault(line, `${name}(...): expected keys and values, found ${kindOf(value)}`)
    if (!tokens.at(')')) tokens.expect(',')
  }
  return dict
}
