import cliProgress from 'cli-progress'
import type { Progress } from '../progress/progress.js'

const PLAIN_LINE_EVERY_MS = 15_000

/** A bar with rate and time left on a terminal; elsewhere (cron, a log file) a plain line every 15 seconds. */
export function consoleProgress(): Progress {
  return process.stderr.isTTY ? new BarProgress() : new LineProgress()
}

class BarProgress implements Progress {
  #bar: cliProgress.SingleBar | undefined
  #counter = new Counter('', 0, '')

  start(phase: string, total: number, unit: string): void {
    this.finish()
    this.#counter = new Counter(phase, total, unit)
    this.#bar = new cliProgress.SingleBar({
      format: '{phase} [{bar}] {news}',
      hideCursor: true,
      stream: process.stderr,
      barsize: 24,
    })
    this.#bar.start(total, 0, { phase, news: '' })
  }

  advance(count: number): void {
    this.#counter.done += count
    this.#bar?.update(this.#counter.done, { news: this.#counter.news() })
  }

  finish(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

class LineProgress implements Progress {
  #counter = new Counter('', 0, '')
  #lastLine = 0

  start(phase: string, total: number, unit: string): void {
    this.#counter = new Counter(phase, total, unit)
    this.#lastLine = Date.now()
  }

  advance(count: number): void {
    this.#counter.done += count
    if (Date.now() - this.#lastLine < PLAIN_LINE_EVERY_MS) return
    this.#lastLine = Date.now()
    process.stderr.write(`${this.#counter.phase}: ${this.#counter.news()}\n`)
  }

  finish(): void {}
}

class Counter {
  done = 0
  readonly #began = Date.now()

  constructor(
    readonly phase: string,
    readonly total: number,
    readonly unit: string,
  ) {}

  /** `1,234/5,000 images, 2,100/s, 2 s left` */
  news(): string {
    const seconds = Math.max(0.001, (Date.now() - this.#began) / 1000)
    const rate = this.done / seconds
    const left = rate === 0 ? '?' : duration((this.total - this.done) / rate)
    return `${count(this.done)}/${count(this.total)} ${this.unit}, ${rateText(rate)}/s, ${left} left`
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function rateText(rate: number): string {
  return rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
