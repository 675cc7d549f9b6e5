import type { Advance, Progress } from '../progress/progress.js'

/**
 * One progress display for several steps that run side by side: that of the step that asked first is shown, under its
 * name; when it is over, the next one's goes on where that step has come to.
 */
export class ProgressTurns {
  readonly #shown: Progress
  readonly #waiting: StepProgress[] = []

  constructor(shown: Progress) {
    this.#shown = shown
  }

  progressOf(step: string): Progress {
    const progress: StepProgress = { name: step, done: 0, skipped: 0 }
    return {
      start: (phase, total, unit) => {
        progress.phase = { phase, total, unit }
        progress.done = 0
        progress.skipped = 0
        if (!this.#waiting.includes(progress)) this.#waiting.push(progress)
        if (this.#waiting[0] === progress) this.#show(progress)
      },
      advance: (count, news: Advance = {}) => {
        progress.done += count
        progress.skipped += news.skipped ?? 0
        if (this.#waiting[0] === progress) this.#shown.advance(count, news)
      },
      finish: () => this.#finish(progress),
    }
  }

  #finish(progress: StepProgress): void {
    const place = this.#waiting.indexOf(progress)
    if (place === -1) return
    this.#waiting.splice(place, 1)
    if (place > 0) return
    this.#shown.finish()
    const [next] = this.#waiting
    if (next !== undefined) this.#show(next)
  }

  #show({ name, phase, done, skipped }: StepProgress): void {
    if (phase === undefined) return
    this.#shown.start(`${name}: ${phase.phase}`, phase.total, phase.unit)
    if (done > 0) this.#shown.advance(done, { skipped, earlier: true })
  }
}

interface StepProgress {
  name: string
  phase?: { phase: string; total: number | undefined; unit: string }
  done: number
  skipped: number
}
