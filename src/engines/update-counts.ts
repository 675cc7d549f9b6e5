import { GROWTH_TRACKER, LOSS_SCALE, type LossScaling, nextScaling, SKIPPED_UPDATES } from './loss-scaling.js'
import { ACCUMULATED_COUNT, type StateEntry, UPDATE_COUNT } from './state-layout.js'
import type { StepResult } from './training-session.js'

/** The scalars of the state that no graph keeps: counts of updates, and where the scaling of the loss stands. */
export class UpdateCounts {
  readonly #counts: Map<string, number>

  /** As they are before the first step. */
  constructor(layout: readonly StateEntry[]) {
    const own = layout.filter(({ kind }) => kind === 'count')
    this.#counts = new Map(
      own.map(({ name, parameter: { initial } }) => [name, 'constant' in initial ? initial.constant : 0]),
    )
  }

  has(name: string): boolean {
    return this.#counts.has(name)
  }

  set(name: string, count: number): void {
    this.#counts.set(name, count)
  }

  get(name: string): number {
    return this.#counts.get(name)!
  }

  /** Updates done, where the optimizer asks for them; else 0. */
  get updates(): number {
    return this.#counts.get(UPDATE_COUNT) ?? 0
  }

  /** Undefined where nothing is scaled. */
  get scaling(): LossScaling | undefined {
    if (!this.has(LOSS_SCALE)) return undefined
    return {
      scale: this.get(LOSS_SCALE),
      growthTracker: this.get(GROWTH_TRACKER),
      skippedUpdates: this.get(SKIPPED_UPDATES),
    }
  }

  /** One more step is accumulated; how many are. */
  countAccumulated(): number {
    return this.#countOneMore(ACCUMULATED_COUNT)
  }

  /** What the scaling is in a step that makes no update. */
  scalingBetweenUpdates(): StepResult['scaling'] {
    const { scaling } = this
    return scaling && { scale: scaling.scale, skipped: false, skippedUpdates: scaling.skippedUpdates }
  }

  /** After an update or, where a gradient overflowed in mixed precision, one that was left out; says what the scaling was in it. */
  countUpdate(overflow: boolean): StepResult['scaling'] {
    const { scaling } = this
    const skipped = scaling !== undefined && overflow
    if (this.#counts.has(ACCUMULATED_COUNT)) this.#counts.set(ACCUMULATED_COUNT, 0)
    if (!skipped && this.#counts.has(UPDATE_COUNT)) this.#countOneMore(UPDATE_COUNT)
    if (scaling === undefined) return undefined
    const next = nextScaling(scaling, skipped)
    this.#counts.set(LOSS_SCALE, next.scale)
    this.#counts.set(GROWTH_TRACKER, next.growthTracker)
    this.#counts.set(SKIPPED_UPDATES, next.skippedUpdates)
    return { scale: scaling.scale, skipped, skippedUpdates: next.skippedUpdates }
  }

  #countOneMore(name: string): number {
    const next = this.#counts.get(name)! + 1
    this.#counts.set(name, next)
    return next
  }
}
