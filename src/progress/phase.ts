import { countText, durationText, rateText } from '../terminal/index.js'
import { Pace } from './pace.js'
import type { Advance } from './progress.js'

/** One phase of a piece of work: how much is done, and how that reads. Times in milliseconds of any clock. */
export class Phase {
  readonly name: string
  readonly #total: number | undefined
  readonly #unit: string
  readonly #began: number
  readonly #pace: Pace
  #done = 0
  /** Of an earlier run. */
  #earlier = 0
  #skipped = 0

  constructor(name: string, total: number | undefined, unit: string, now: number) {
    this.name = name
    this.#total = total
    this.#unit = unit
    this.#began = now
    this.#pace = new Pace(now)
  }

  advance(count: number, { skipped = 0, earlier }: Advance, now: number): void {
    this.#done += count
    this.#skipped += skipped
    if (earlier) this.#earlier += count
    else this.#pace.add(count, now)
  }

  elapsed(now: number): number {
    return now - this.#began
  }

  /** From 0 to 1; undefined where the total is not known. */
  get share(): number | undefined {
    if (this.#total === undefined) return undefined
    return this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total)
  }

  /** `1,234/5,000 images, 2,100/s, 2 s left, 3 skipped` */
  news(now: number): string {
    const rate = this.#pace.rate(now)
    const total = this.#total === undefined ? '' : `/${countText(this.#total)}`
    return [
      `${countText(this.#done)}${total} ${this.#unit}`,
      ...(rate === undefined ? [] : [`${rateText(rate)}/s`, ...this.#left(rate)]),
      ...this.#skips(),
    ].join(', ')
  }

  /** `5,000 images in 3 s, 1,667/s, 3 skipped`: once it is over, or was given up. */
  summary(now: number): string {
    const seconds = Math.max(0.001, this.elapsed(now) / 1000)
    const short = this.#total !== undefined && this.#done < this.#total
    return [
      `${countText(this.#done)}${short ? `/${countText(this.#total!)}` : ''} ${this.#unit} in ${durationText(seconds)}`,
      `${rateText((this.#done - this.#earlier) / seconds)}/s`,
      ...this.#skips(),
    ].join(', ')
  }

  #left(rate: number): string[] {
    if (this.#total === undefined || rate === 0) return []
    return [`${durationText(Math.max(0, this.#total - this.#done) / rate)} left`]
  }

  #skips(): string[] {
    return this.#skipped === 0 ? [] : [`${countText(this.#skipped)} skipped`]
  }
}
