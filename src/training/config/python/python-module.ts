import { type Names, readExpression } from './expression.js'
import { PythonFault, UntoldValue } from './python-fault.js'
import { PythonDict, type PythonValue } from './python-value.js'
import { nameOf } from './token.js'
import { TokenReader } from './token-reader.js'
import { tokenize } from './tokenizer.js'

/** Words that begin a statement which would have to be run. */
const STATEMENTS =
  /^(if|elif|else|for|while|def|class|with|try|except|finally|return|del|global|nonlocal|assert|raise|async|await|yield|lambda|match|print)$/

/** What a Python file assigns to its names. */
export interface PythonModule {
  values: PythonDict
  /** In the order of lines. */
  faults: PythonFault[]
}

/**
 * Reads the assignments of a Python file without running it: `name = expression` and `config.key = expression`, after
 * imports of easydict alone. An expression has literals, lists, tuples, dicts, `+ - * / //`, parentheses, names that
 * were assigned above, and `edict()`. Whatever else there is becomes a fault with its line.
 */
export function readPythonModule(text: string): PythonModule {
  const values = new PythonDict()
  const dicts = new Set(['dict'])
  const faults: PythonFault[] = []
  try {
    const tokens = new TokenReader(tokenize(text))
    let refusedBlock = false
    while (!tokens.done) {
      const indented = tokens.next.kind === 'indent'
      if (indented && refusedBlock) {
        tokens.skipStatement()
        continue
      }
      refusedBlock = false
      try {
        if (tokens.take(';')) continue
        readStatement(tokens, { values, dicts }, dicts)
        if (tokens.take(';')) continue
        if (tokens.next.kind !== 'newline')
          throw new PythonFault(tokens.next.line, `${nameOf(tokens.next)} is not read here`)
      } catch (error) {
        if (error instanceof PythonFault) faults.push(error)
        else if (!(error instanceof UntoldValue)) throw error
        refusedBlock = true
      }
      tokens.skipStatement()
    }
  } catch (error) {
    if (!(error instanceof PythonFault)) throw error
    faults.push(error)
  }
  return { values, faults }
}

function readStatement(tokens: TokenReader, names: Names, dicts: Set<string>): void {
  const first = tokens.next
  if (first.kind === 'string') {
    while (tokens.takeString() !== undefined);
    return
  }
  if (first.kind === 'indent')
    throw new PythonFault(first.line, 'an indented line is not read: blocks are not')
  if (first.kind !== 'name') throw new PythonFault(first.line, `expected key = value, found ${nameOf(first)}`)
  if (STATEMENTS.test(first.text)) {
    throw new PythonFault(
      first.line,
      `'${first.text}' is not read, for Python is not run: write what it comes to`,
    )
  }
  if (first.text === 'pass') tokens.shift()
  else if (first.text === 'import' || first.text === 'from') readImport(tokens, dicts)
  else readAssignment(tokens, names)
}

function readAssignment(tokens: TokenReader, names: Names): void {
  const { line } = tokens.next
  const path = [tokens.expectName()]
  while (tokens.take('.')) path.push(tokens.expectName())
  const name = path.join('.')
  if (!tokens.take('=')) {
    throw new PythonFault(
      line,
      `expected '=' after ${name}, found ${nameOf(tokens.next)}: only assignments are read`,
    )
  }
  const dict = dictOf(path, names, line)
  let value: PythonValue | undefined
  try {
    value = readExpression(tokens, names)
  } finally {
    // Set even so, that what is made of a value with a fault is no fault of its own.
    dict.entries.set(path.at(-1)!, { value, line })
  }
}

/** The dict that the last name of a path is set in. */
function dictOf(path: readonly string[], names: Names, line: number): PythonDict {
  return path.slice(0, -1).reduce((dict, part) => {
    const entry = dict.entries.get(part)
    if (entry !== undefined && entry.value === undefined) throw new UntoldValue()
    if (entry?.value instanceof PythonDict) return entry.value
    throw new PythonFault(line, `${part} is no edict() above this line`)
  }, names.values)
}

/** `from easydict import EasyDict as edict`, `import easydict`. */
function readImport(tokens: TokenReader, dicts: Set<string>): void {
  const { text, line } = tokens.shift()
  const module = tokens.expectName()
  if (module !== 'easydict' || tokens.at('.')) {
    throw new PythonFault(line, `'${text} ${module}' is not read: easydict alone may be imported`)
  }
  let name = module
  if (text === 'from') {
    const word = tokens.expectName()
    const made = tokens.expectName()
    if (word !== 'import' || made !== 'EasyDict') {
      throw new PythonFault(line, 'expected from easydict import EasyDict')
    }
    name = made
  }
  if (tokens.next.kind === 'name' && tokens.next.text === 'as') {
    tokens.shift()
    name = tokens.expectName()
  }
  dicts.add(text === 'from' ? name : `${name}.EasyDict`)
}
