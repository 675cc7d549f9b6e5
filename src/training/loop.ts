import type { StepResult, TrainingBatch, TrainingSession } from '../engines/index.js'
import type { Log } from '../progress/progress.js'
import { durationText, rateText } from '../terminal/index.js'
import type { RunState } from './checkpoints/run-state.js'
import { hashOfCentres } from './loading/centre-sampler.js'
import type { Batch } from './loading/loader.js'
import { lookAhead } from './loading/look-ahead.js'
import type { Schedule } from './schedule.js'
import type { CurveLog } from './watching/curve-log.js'
import { divergence, isLost } from './watching/divergence.js'
import type { EventLog } from './watching/event-log.js'
import type { LossWatch } from './watching/loss-watch.js'

/** What the loop needs, ready to run. */
export interface LoopParts {
  session: TrainingSession
  schedule: Schedule
  /** The batches from place `first` in the order of images up to and without `end`. */
  batches(first: number, end: number): AsyncIterable<Batch>
  /** PartialFC: the class centres of a step. */
  centresOf?: ((batch: Batch) => Int32Array) | undefined
  /** Keys of the records at these positions of the dataset. */
  keysOf(positions: Uint32Array): number[]
  /** Measures the network on the val targets and keeps the best. */
  verify(run: RunState, epoch: number): Promise<void>
  saveCheckpoint(run: RunState): Promise<void>
  eventLog: EventLog
  curveLog: Pick<CurveLog, 'write' | 'sync'>
  lossWatch: LossWatch
  log: Log
  signal: AbortSignal
  /** Step at which the run ends. */
  lastStep: number
  /** Steps between lines of the log, between verifications, and between checkpoints where an epoch is too long. */
  frequent: number
  verbose: number
  saveSteps?: number | undefined
}

/**
 * Trains from where `run` stands to the last step, and moves `run` along. The parameters live in the session, all
 * randomness in the batches; so a run that stops at a checkpoint and goes on takes the same steps as one that never
 * stopped. @throws InterruptedError after a checkpoint; FacedataError where the loss explodes or is no number any more
 */
export async function trainLoop(parts: LoopParts, run: RunState): Promise<void> {
  const { session, schedule, signal, lastStep, lossWatch } = parts
  let checkpoint = run.step > 0 ? run.step : undefined
  await verifyIfDue(parts, run)
  signal.throwIfAborted()
  if (lastStep === 0) await parts.saveCheckpoint(run)
  const pace = new Pace()
  const { shift } = run
  for await (const { item, whenNext } of lookAhead(stepsOf(parts, run))) {
    const { batch, input } = item
    const running = session.step(input)
    // The session has its copy of the images, whose memory may take the next ones.
    whenNext((next) => session.prepare(next.input))
    const result = await running
    // Steps are counted as upstream counts them: 1 is the first one, done.
    const step = batch.step + 1 - shift
    const { usualGradientNorm } = lossWatch
    const explosion = lossWatch.add({ step, ...result })
    if (explosion !== undefined || isLost(result)) {
      throw await divergence(
        {
          batch,
          result,
          learningRate: input.learningRate,
          usualGradientNorm,
          explosion,
          checkpoint,
          step,
          records: parts.keysOf(batch.positions),
          hasWarmup: schedule.warmupSteps > 0,
        },
        parts.eventLog,
      )
    }

    run.step = step
    run.epoch = Math.floor((batch.step + 1) / schedule.stepsPerEpoch)
    run.pendingLoss.sum += result.loss
    run.pendingLoss.count++
    pace.add(batch.labels.length)

    const last = run.step === lastStep
    if (last || run.step % parts.frequent === 0) await report(parts, run, item, result, pace)
    const epochEnds = (batch.step + 1) % schedule.stepsPerEpoch === 0
    run.verificationDue = last || epochEnds || run.step % parts.verbose === 0
    await verifyIfDue(parts, run)
    const due = parts.saveSteps !== undefined && run.step % parts.saveSteps === 0
    if (last || epochEnds || due || signal.aborted) {
      await parts.eventLog.sync()
      await parts.curveLog.sync()
      await parts.saveCheckpoint(run)
      checkpoint = run.step
    }
    if (!last || run.verificationDue) signal.throwIfAborted()
    pace.resume()
  }
}

/** A batch, and what the session is given of it. */
interface Step {
  batch: Batch
  input: TrainingBatch
}

async function* stepsOf(
  { batches, centresOf, schedule, lastStep }: LoopParts,
  { step, shift }: RunState,
): AsyncGenerator<Step> {
  for await (const batch of batches(step + shift, lastStep + shift)) {
    const { images, labels } = batch
    const learningRate = schedule.learningRate(batch.step)
    const centres = centresOf?.(batch)
    yield { batch, input: { images, labels, learningRate, ...(centres && { centres }) } }
  }
}

/**
 * A line of the log and a point of each curve: the mean loss since the last one, as upstream's `CallBackLogging`.
 * `time_for_end` is in hours, as there.
 */
async function report(
  { eventLog, curveLog, log, lastStep }: LoopParts,
  run: RunState,
  { batch: { epoch }, input: { labels, learningRate, centres } }: Step,
  { scaling }: StepResult,
  pace: Pace,
): Promise<void> {
  const { step } = run
  const loss = run.pendingLoss.sum / run.pendingLoss.count
  const rate = pace.imagesPerSecond()
  const secondsLeft = ((lastStep - step) * labels.length) / rate
  await eventLog.write({
    step,
    epoch,
    loss,
    learning_rate: learningRate,
    images_per_second: rate,
    ...(centres && { centres: centres.length, centres_hash: hashOfCentres(centres) }),
    ...scalingFields(scaling),
  })
  await curveLog.write(step, {
    time_for_end: secondsLeft / 3600,
    learning_rate: learningRate,
    loss,
    ...scalingFields(scaling),
  })
  log.info(
    `step ${step}/${lastStep}  epoch ${epoch}  loss ${loss.toFixed(4)}  rate ${learningRate.toPrecision(4)}` +
      `  ${rateText(rate)} images/s` +
      (scaling ? `  loss scale ${scaling.scale}, ${scaling.skippedUpdates} updates left out` : '') +
      `  ${durationText(secondsLeft)} left`,
  )
  run.pendingLoss = { sum: 0, count: 0 }
  pace.reset()
}

/** The loss scale of the step, and how many updates of the run were left out because gradients overflowed. */
function scalingFields(scaling: StepResult['scaling']): Record<string, number> {
  return scaling === undefined ? {} : { loss_scale: scaling.scale, skipped_updates: scaling.skippedUpdates }
}

/** A verification takes long: a run that is stopped in it comes back to it when it goes on. */
async function verifyIfDue({ verify, signal, schedule }: LoopParts, run: RunState): Promise<void> {
  if (!run.verificationDue) return
  try {
    await verify(run, Math.floor((run.step + run.shift - 1) / schedule.stepsPerEpoch))
    run.verificationDue = false
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Throughput of training alone: time spent on verification and checkpoints is left out. */
class Pace {
  #images = 0
  #seconds = 0
  #since = performance.now()

  /** A step is done. */
  add(images: number): void {
    this.#images += images
    this.#seconds += (performance.now() - this.#since) / 1000
  }

  /** The next step begins. */
  resume(): void {
    this.#since = performance.now()
  }

  imagesPerSecond(): number {
    return Math.round((100 * this.#images) / this.#seconds) / 100
  }

  reset(): void {
    this.#images = 0
    this.#seconds = 0
  }
}
