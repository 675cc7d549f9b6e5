/** Time over which a rate is taken: long enough to be steady, short enough to follow a disk that slows down. */
const WINDOW_MS = 30_000

/** Between two marks. */
const MARK_EVERY_MS = 1000

/** A rate sooner than this tells of the start alone. */
const FIRST_RATE_MS = 500

/** How fast work goes now: over the last half minute, not since it began. Times in milliseconds of any clock. */
export class Pace {
  /** How much was done at what time, one mark a second at most; the oldest is the beginning of the window. */
  readonly #marks: { time: number; done: number }[]
  #done = 0

  constructor(now: number) {
    this.#marks = [{ time: now, done: 0 }]
  }

  add(count: number, now: number): void {
    this.#done += count
    if (now - this.#marks.at(-1)!.time < MARK_EVERY_MS) return
    this.#marks.push({ time: now, done: this.#done })
    while (this.#marks.length > 2 && now - this.#marks[1]!.time >= WINDOW_MS) this.#marks.shift()
  }

  /** Units a second; undefined before anything can be said. */
  rate(now: number): number | undefined {
    const { time, done } = this.#marks[0]!
    return now - time < FIRST_RATE_MS ? undefined : (1000 * (this.#done - done)) / (now - time)
  }
}
