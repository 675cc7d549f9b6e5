import type { Embedder, TrainingSession } from '../../engines/index.js'
import { AtomicFile } from '../../io/index.js'
import type { Log } from '../../progress/progress.js'
import { writePairScores } from '../../verification/index.js'
import { writeBackbone } from '../checkpoints/backbone-file.js'
import { writeCheckpoint } from '../checkpoints/checkpoint.js'
import type { IdentityNames } from '../checkpoints/identity-names.js'
import type { RunState } from '../checkpoints/run-state.js'
import type { RunDirectory } from '../run-directory.js'
import type { CurveLog } from './curve-log.js'
import type { EventLog } from './event-log.js'
import { meanAccuracy, type Score, type Validation } from './validation.js'

export interface RunKeeperOptions {
  eventLog: EventLog
  curveLog: CurveLog
  keepCheckpoints: number
  /** Of the identities by label. */
  names: IdentityNames
  log: Log
  signal: AbortSignal
}

/** Measures a run and keeps what it must not lose: the best weights on validation, and checkpoints. */
export class RunKeeper {
  readonly #directory: RunDirectory
  readonly #session: TrainingSession
  readonly #embedder: Embedder
  readonly #validation: Validation
  readonly #options: RunKeeperOptions

  constructor(
    directory: RunDirectory,
    session: TrainingSession,
    embedder: Embedder,
    validation: Validation,
    options: RunKeeperOptions,
  ) {
    this.#directory = directory
    this.#session = session
    this.#embedder = embedder
    this.#validation = validation
    this.#options = options
  }

  /** Accuracy on every val target, as upstream's `CallBackVerification`, to log and console. */
  async verify(run: RunState, epoch: number): Promise<void> {
    const { eventLog, curveLog, log, signal } = this.#options
    const scores = await this.#validation.measure(this.#embedder, signal)
    if (scores.length === 0) return
    for (const { target, accuracy, spread, threshold } of scores) {
      const highest = Math.max(accuracy, run.highest[target] ?? 0)
      run.highest[target] = highest
      const { step } = run
      await eventLog.write({
        step,
        epoch,
        val_target: target,
        accuracy,
        spread,
        threshold,
        highest,
      })
      await curveLog.write(step, { [target]: accuracy })
      log.info(
        `step ${step}  ${target}  accuracy ${accuracy.toFixed(5)} +- ${spread.toFixed(5)}  highest ${highest.toFixed(5)}`,
      )
    }
    const accuracy = meanAccuracy(scores)
    // Of two that are equal the later one is better: it was trained longer, at a lower rate.
    if (run.best !== null && accuracy < run.best.accuracy) return
    await this.#saveBest(run.step, accuracy)
    await this.#savePairs(run.step, scores)
    run.best = { step: run.step, accuracy }
  }

  async saveCheckpoint(run: RunState): Promise<void> {
    const state = await this.#session.state()
    const { inputSize } = this.#embedder
    const { names, keepCheckpoints } = this.#options
    await writeCheckpoint(this.#directory.checkpoints, { state, run, names }, inputSize, keepCheckpoints)
  }

  /** What the best weights make of each pair: curves can then be drawn without the bins and the model. */
  async #savePairs(step: number, scores: readonly Score[]): Promise<void> {
    for (const { target, scores: pairs } of scores) {
      await writePairScores(this.#directory.pairScores(target), pairs, step, this.#directory.path)
    }
  }

  async #saveBest(step: number, accuracy: number): Promise<void> {
    const state = await this.#session.state()
    const file = await AtomicFile.create(this.#directory.best)
    try {
      await writeBackbone(file, state, { step, accuracy, ...this.#embedder.inputSize })
    } catch (error) {
      await file.discard()
      throw error
    }
    await file.commit()
  }
}
