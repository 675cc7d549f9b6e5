import type { Phase } from '../progress/phase.js'
import { paint, type TerminalStyle } from '../terminal/index.js'

/** How a phase shows on standard error, in writing that `write` takes. Times in milliseconds. */
export interface ProgressLine {
  begin(phase: Phase, now: number): void
  /** Shows how far it has come, where enough time has passed. */
  show(phase: Phase, now: number): void
  end(phase: Phase, now: number): void
  /** Makes way for a line of something else. */
  clear(): void
  /** Comes back behind it. */
  restore(): void
}

type Write = (text: string) => void

/** Nobody sees more. */
const DRAW_EVERY_MS = 100

/** A phase that is over sooner leaves no line behind. */
const WORTH_A_LINE_MS = 2000

const BAR_LENGTH = 24
const SHORTEST_BAR = 8

/** What the words beside a bar take. */
const USUAL_WORDS = 68

const CLEAR_LINE = '\r\u001b[K'

/** A bar on a terminal, in one line that is written over again and again. */
export class BarLine implements ProgressLine {
  readonly #style: () => TerminalStyle
  readonly #write: Write
  #shown = ''
  #drawn = 0

  /** @param style asked for each time: a window may change its width */
  constructor(style: () => TerminalStyle, write: Write) {
    this.#style = style
    this.#write = write
  }

  begin(phase: Phase, now: number): void {
    this.#draw(phase, now)
  }

  show(phase: Phase, now: number): void {
    if (now - this.#drawn >= DRAW_EVERY_MS) this.#draw(phase, now)
  }

  end(phase: Phase, now: number): void {
    this.clear()
    this.#shown = ''
    if (phase.elapsed(now) >= WORTH_A_LINE_MS) this.#write(`${phase.name}: ${phase.summary(now)}\n`)
  }

  clear(): void {
    if (this.#shown !== '') this.#write(CLEAR_LINE)
  }

  restore(): void {
    if (this.#shown !== '') this.#write(this.#shown)
  }

  #draw(phase: Phase, now: number): void {
    const { columns, unicode, colour } = this.#style()
    const { share } = phase
    const length = Math.max(SHORTEST_BAR, Math.min(BAR_LENGTH, columns - USUAL_WORDS))
    const bar = share === undefined ? '' : `[${barText(share, length, unicode)}] `
    const words = `${bar}${phase.news(now)}`
    // A line that wraps could not be written over.
    const room = Math.max(0, columns - 1)
    const name = `${phase.name} `.slice(0, room)
    const rest = words.slice(0, room - name.length)
    this.#shown = `${paint(name, 'bold', { colour })}${rest}`
    this.#write(`\r${this.#shown}\u001b[K`)
    this.#drawn = now
  }
}

function barText(share: number, length: number, unicode: boolean): string {
  const done = Math.floor(share * length)
  return unicode
    ? `${'█'.repeat(done)}${'░'.repeat(length - done)}`
    : `${'='.repeat(done)}${'-'.repeat(length - done)}`
}

const FIRST_LINE_MS = 15_000
const LONGEST_PAUSE_MS = 600_000

/** Plain lines for a log file or a mail of cron: after 15 seconds, and then ever more seldom, to one in ten minutes. */
export class PlainLines implements ProgressLine {
  readonly #write: Write
  #last = 0
  #pause = FIRST_LINE_MS

  constructor(write: Write) {
    this.#write = write
  }

  begin(_phase: Phase, now: number): void {
    this.#last = now
    this.#pause = FIRST_LINE_MS
  }

  show(phase: Phase, now: number): void {
    if (now - this.#last < this.#pause) return
    this.#last = now
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS)
    this.#write(`${phase.name}: ${phase.news(now)}\n`)
  }

  /** The last word, where there was a first. */
  end(phase: Phase, now: number): void {
    if (this.#pause > FIRST_LINE_MS) this.#write(`${phase.name}: ${phase.summary(now)}\n`)
  }

  clear(): void {}

  restore(): void {}
}
