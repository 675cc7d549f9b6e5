import { setImmediate } from 'node:timers/promises'

/** How long requests wait for their turn. */
const MS_PER_TURN = 8

/** Cuts long work into turns, between which the server answers requests. */
export class Turns {
  #began = performance.now()

  /** Whether this turn has lasted long enough. Cheap, but not to be asked for each of millions of items. */
  get isOver(): boolean {
    return performance.now() - this.#began >= MS_PER_TURN
  }

  /** Lets the server do what has come meanwhile. */
  async next(): Promise<void> {
    await setImmediate()
    this.#began = performance.now()
  }
}
