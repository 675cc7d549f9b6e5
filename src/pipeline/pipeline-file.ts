import { basename, extname } from 'node:path'
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import { nearestWord, UsageError } from '../errors/index.js'
import { readWholeFile } from '../io/index.js'
import { Variables } from './variables.js'

/** A pipeline as it is written, before any stage has looked at it. */
export interface PipelineFile {
  path: string
  name: string
  /** Default of the `datasets` option of every step. */
  datasets: string | undefined
  steps: StepSource[]
  /** What it took from the environment: values by name. */
  variables: ReadonlyMap<string, string>
}

export interface StepSource {
  stage: string
  line: number
  options: Record<string, unknown>
  /** Line of each option, and of the keys in it (`expect.images`), for errors. */
  lines: Map<string, number>
  /** Options whose text is made with variables: a number or a switch comes as text. */
  expanded: Set<string>
}

const KEYS = ['name', 'datasets', 'steps']

/**
 * Reads a pipeline: `name`, `datasets`, and `steps`, a list of single-key maps from a stage to its options. `${NAME}` and
 * `${NAME:-default}` in its values are filled in from the environment.
 * @throws InputError where the file cannot be read; UsageError naming file, line and key
 */
export async function readPipelineFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PipelineFile> {
  const lines = new LineCounter()
  const text = (await readWholeFile(path)).toString('utf8')
  const document = parseDocument(text, { lineCounter: lines })
  const [fault] = document.errors
  const reader = new PipelineReader(path, lines)
  if (fault !== undefined) {
    const { line } = lines.linePos(fault.pos[0])
    const quoted = text.split('\n')[line - 1]?.includes('${')
      ? '. A ${NAME} between braces or brackets needs quotes'
      : ''
    const problem =
      fault.code === 'MULTIPLE_DOCS'
        ? 'a pipeline is one document. Remove the --- and put the rest into a file of its own'
        : fault.message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '')
    throw reader.errorAt(line, `${problem}${quoted}`)
  }
  reader.fillIn(document, new Variables(environment))
  return reader.read(document)
}

class PipelineReader {
  readonly #path: string
  readonly #lines: LineCounter
  readonly #expanded = new Set<unknown>()
  #variables: ReadonlyMap<string, string> = new Map()

  constructor(path: string, lines: LineCounter) {
    this.#path = path
    this.#lines = lines
  }

  /** Fills in the variables of all values. @throws UsageError naming line, key and what is missing */
  fillIn(document: Document, variables: Variables): void {
    visit(document, {
      Scalar: (key, scalar, path) => {
        if (key === 'key' || typeof scalar.value !== 'string' || !scalar.value.includes('${')) return
        try {
          scalar.value = variables.expand(scalar.value)
          this.#expanded.add(scalar)
        } catch (error) {
          const pair = path.findLast((node) => isPair(node))
          const place = pair === undefined ? '' : `${this.#keyOf(pair)}: `
          throw this.errorAt(this.#lineOf(scalar), `${place}${(error as Error).message}`)
        }
      },
    })
    this.#variables = variables.used
  }

  read(document: Document): PipelineFile {
    const { contents } = document
    if (!isMap(contents)) throw this.errorAt(1, `expected a map with the keys ${KEYS.join(', ')}`)
    const values = new Map<string, Pair>()
    for (const pair of contents.items) {
      const key = this.#keyOf(pair)
      if (!KEYS.includes(key)) {
        throw this.errorAt(
          this.#lineOf(pair.key),
          `unknown key "${key}". The nearest valid key is "${nearestWord(key, KEYS)}"`,
        )
      }
      values.set(key, pair)
    }
    return {
      path: this.#path,
      name: this.#text(values.get('name')) ?? basename(this.#path, extname(this.#path)),
      datasets: this.#text(values.get('datasets')),
      steps: this.#steps(values.get('steps'), document),
      variables: this.#variables,
    }
  }

  errorAt(line: number, problem: string): UsageError {
    return new UsageError(`${this.#path}: line ${line}: ${problem}`)
  }

  #steps(pair: Pair | undefined, document: Document): StepSource[] {
    const list = pair?.value
    if (!isSeq(list) || list.items.length === 0) {
      const line = pair === undefined ? 1 : this.#lineOf(pair.key)
      throw this.errorAt(
        line,
        'steps: expected a list of steps, such as "- merge: { inputs: [a, b], output: ab }"',
      )
    }
    return list.items.map((item) => {
      if (!isMap(item) || item.items.length !== 1) {
        throw this.errorAt(
          this.#lineOf(item),
          'expected one stage with its options, such as "- merge: { ... }"',
        )
      }
      return this.#step(item, document)
    })
  }

  #step(item: YAMLMap, document: Document): StepSource {
    const pair = item.items[0]!
    const stage = this.#keyOf(pair)
    const line = this.#lineOf(pair.key)
    const step: StepSource = { stage, line, options: {}, lines: new Map(), expanded: new Set() }
    if (pair.value === null || (isScalar(pair.value) && pair.value.value === null)) return step
    if (!isMap(pair.value)) throw this.errorAt(line, `${stage}: expected a map of options`)
    for (const option of pair.value.items) {
      const key = this.#keyOf(option)
      step.options[key] = this.#valueOf(option, `${stage}: ${key}`, document)
      step.lines.set(key, this.#lineOf(option.key))
      if (this.#expanded.has(option.value)) step.expanded.add(key)
      if (!isMap(option.value)) continue
      for (const inner of option.value.items) {
        step.lines.set(`${key}.${this.#keyOf(inner)}`, this.#lineOf(inner.key))
      }
    }
    return step
  }

  #valueOf({ key, value }: Pair, place: string, document: Document): unknown {
    if (!isNode(value)) return value
    try {
      return value.toJS(document)
    } catch (error) {
      // An alias of nothing, or aliases that stand for more than memory holds.
      throw this.errorAt(this.#lineOf(key), `${place}: ${(error as Error).message}`)
    }
  }

  #text(pair: Pair | undefined): string | undefined {
    if (pair === undefined) return undefined
    if (isScalar(pair.value) && typeof pair.value.value === 'string') return pair.value.value
    throw this.errorAt(this.#lineOf(pair.key), `${this.#keyOf(pair)}: expected text`)
  }

  #keyOf(pair: Pair): string {
    if (isScalar(pair.key) && typeof pair.key.value === 'string') return pair.key.value
    throw this.errorAt(this.#lineOf(pair.key), 'a key must be text')
  }

  #lineOf(node: unknown): number {
    const offset = (node as Node | null)?.range?.[0] ?? 0
    return this.#lines.linePos(offset).line
  }
}
