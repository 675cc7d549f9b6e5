/** Steps over which the loss is averaged: a single bad batch stops no run. */
const WINDOW = 20

/** What usual margins (0.4 and 0.5) take off the target's cosine where an embedding tells nothing. */
const USUAL_MARGIN = 0.5

/** What a step tells about a run. */
export interface StepFigures {
  /** Steps done, with this one. */
  step: number
  loss: number
  /** Before clipping. */
  gradientNorm: number
}

/** A run whose loss grew beyond repair. */
export interface Explosion {
  /** Mean loss of the last steps, and the first of them. */
  loss: number
  since: number
  /** What that loss means. */
  meaning: string
}

/**
 * Watches for a loss that explodes while it is still a number. Cosines are bounded, so the loss is too, and no multiple
 * of the first loss tells: what a network without a clue gives does. With `n` classes compared at scale `s`:
 *
 * - *chance*, `ln n + s / 2`: embeddings that tell nothing, and a usual margin. Runs begin above it and may stay there
 *   or rise for long, in a warm-up above all; but none that had come below half of it goes back there and learns on.
 * - *noise*, `s - ln 2s` more: cosines drawn evenly from [-1, 1]. Those of a new network are near 0; a loss as high
 *   says that training pushes images away from their own class centres.
 */
export class LossWatch {
  readonly #chance: number
  readonly #noise: number
  readonly #recent: StepFigures[] = []
  #lowest = { step: 0, loss: Number.POSITIVE_INFINITY }

  /** @param options.classes class centres that a step compares with */
  constructor({ classes, scale }: { classes: number; scale: number }) {
    this.#chance = Math.log(classes) + USUAL_MARGIN * scale
    this.#noise = this.#chance + scale - Math.log(2 * scale)
  }

  add(figures: StepFigures): Explosion | undefined {
    this.#recent.push(figures)
    if (this.#recent.length > WINDOW) this.#recent.shift()
    if (this.#recent.length < WINDOW) return undefined
    const loss = mean(this.#recent.map((recent) => recent.loss))
    if (loss < this.#lowest.loss) this.#lowest = { step: figures.step, loss }
    const since = this.#recent[0]!.step
    if (loss >= this.#noise) {
      return { loss, since, meaning: `cosines drawn at random give ${this.#noise.toFixed(1)}` }
    }
    if (loss >= this.#chance && this.#lowest.loss <= this.#chance / 2) {
      const { step, loss: lowest } = this.#lowest
      const meaning =
        `it was ${lowest.toFixed(1)} at step ${step}, and a network that has learned nothing gives ` +
        this.#chance.toFixed(1)
      return { loss, since, meaning }
    }
    return undefined
  }

  /** Mean gradient norm, before clipping, of the last steps that were added and have one; undefined before the first. */
  get usualGradientNorm(): number | undefined {
    // A step in mixed precision whose gradients overflowed has none.
    const norms = this.#recent.map(({ gradientNorm }) => gradientNorm).filter(Number.isFinite)
    return norms.length === 0 ? undefined : mean(norms)
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
