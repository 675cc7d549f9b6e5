import { Phase } from '../progress/phase.js'
import type { Advance, Log, Progress } from '../progress/progress.js'
import { isTerminal, paint, type TerminalStream, terminalStyle, visibleText } from '../terminal/index.js'
import { BarLine, PlainLines, type ProgressLine } from './progress-line.js'

/** A stream that text can be written to. */
type ErrorStream = TerminalStream & { write(text: string): unknown }

/**
 * Standard error: lines of news for a person, and on a terminal one line of progress that stays below them. Standard
 * output holds nothing but results.
 */
export class StandardError implements Log, Progress {
  readonly #stream: ErrorStream
  readonly #environment: NodeJS.ProcessEnv
  readonly #line: ProgressLine
  #phase: Phase | undefined

  constructor(stream: ErrorStream, environment: NodeJS.ProcessEnv) {
    this.#stream = stream
    this.#environment = environment
    const write = (text: string) => void stream.write(text)
    this.#line = isTerminal(stream, environment)
      ? new BarLine(() => terminalStyle(stream, environment), write)
      : new PlainLines(write)
  }

  info(message: string): void {
    this.aside(() => this.#stream.write(`${visibleText(message)}\n`))
  }

  warn(message: string): void {
    const word = paint('warning:', 'yellow', terminalStyle(this.#stream, this.#environment))
    this.info(`${word} ${message}`)
  }

  /** Why the program ends. */
  error(message: string): void {
    this.finish()
    this.info(`${paint('facedata:', 'red', terminalStyle(this.#stream, this.#environment))} ${message}`)
  }

  start(name: string, total: number | undefined, unit: string): void {
    this.finish()
    const now = performance.now()
    this.#phase = new Phase(name, total, unit, now)
    this.#line.begin(this.#phase, now)
  }

  advance(count: number, news: Advance = {}): void {
    const now = performance.now()
    this.#phase?.advance(count, news, now)
    if (this.#phase !== undefined) this.#line.show(this.#phase, now)
  }

  finish(): void {
    if (this.#phase !== undefined) this.#line.end(this.#phase, performance.now())
    this.#phase = undefined
  }

  /** Lets something else write whole lines, to the same terminal perhaps. */
  aside(write: () => void): void {
    this.#line.clear()
    write()
    this.#line.restore()
  }
}

export const standardError = new StandardError(process.stderr, process.env)
