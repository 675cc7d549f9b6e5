import type { Advance, Progress } from '../progress/progress.js'

/** Nobody sees more: each message wakes the main thread, which costs as much as reading ten photos. */
const TELL_EVERY_MS = 100

/** Progress of a thread, told to the main thread now and then. */
export class GatheredProgress implements Progress {
  readonly #say: (count: number, skipped: number) => void
  #count = 0
  #skipped = 0
  #told = performance.now()

  constructor(say: (count: number, skipped: number) => void) {
    this.#say = say
  }

  /** The plan says what all shards go through together; one of several has nothing to begin. */
  start(): void {}

  advance(count: number, { skipped = 0 }: Advance = {}): void {
    this.#count += count
    this.#skipped += skipped
    if (performance.now() - this.#told >= TELL_EVERY_MS) this.tell()
  }

  /** Tells what is not told yet. */
  tell(): void {
    if (this.#count > 0) this.#say(this.#count, this.#skipped)
    this.#count = 0
    this.#skipped = 0
    this.#told = performance.now()
  }

  finish(): void {}
}
