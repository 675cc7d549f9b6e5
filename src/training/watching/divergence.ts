import type { StepResult } from '../../engines/index.js'
import { FacedataError } from '../../errors/index.js'
import type { Batch } from '../loading/loader.js'
import type { EventLog } from './event-log.js'
import type { Explosion } from './loss-watch.js'

/** What is known of a run at the step at which it is lost. */
export interface Divergence {
  batch: Pick<Batch, 'epoch'>
  /** Counted from 1. */
  step: number
  result: StepResult
  learningRate: number
  /** Keys of the records of the batch. */
  records: number[]
  /** Mean over the steps before, before clipping; undefined at the first. */
  usualGradientNorm: number | undefined
  /** Undefined where loss or gradient are no numbers any more. */
  explosion: Explosion | undefined
  hasWarmup: boolean
  /** Step of the last checkpoint; undefined where there is none. */
  checkpoint: number | undefined
}

/** Records that the message itself names; `log.jsonl` has all. */
const NAMED_RECORDS = 16

/** A gradient so many times its usual norm points at the batch. */
const FAR_ABOVE_USUAL = 10

/** At which gradients that overflow do so in float32 as well: no smaller scale helps. */
const SMALLEST_LOSS_SCALE = 1

/** Whether a run is beyond repair: numbers are none, and not because a loss scale was tried that is too large. */
export function isLost({ loss, gradientNorm, scaling }: StepResult): boolean {
  if (!Number.isFinite(loss)) return true
  if (Number.isFinite(gradientNorm)) return false
  return scaling === undefined || scaling.scale < SMALLEST_LOSS_SCALE
}

/** Logs the step, and gives the error: what happened, the usual causes with their figures, how to go on. */
export async function divergence(lost: Divergence, eventLog: EventLog): Promise<FacedataError> {
  const { step, batch, result, learningRate, records } = lost
  // JSON has no NaN: it writes null.
  await eventLog.write({
    step,
    epoch: batch.epoch,
    loss: result.loss,
    learning_rate: learningRate,
    gradient_norm: result.gradientNorm,
    records,
  })
  await eventLog.sync()
  return new FacedataError(
    [
      `training diverged at step ${step}: ${symptom(lost)}, learning rate ${learningRate.toPrecision(4)}`,
      `records of the batch: ${named(records)}`,
      'usual causes:',
      ...causes(lost).map((cause) => `- ${cause}`),
      wayOn(lost),
    ].join('\n  '),
  )
}

function symptom({ result: { loss, gradientNorm }, explosion }: Divergence): string {
  if (explosion === undefined) return `loss ${loss}, gradient norm ${gradientNorm}`
  const { since, loss: exploded, meaning } = explosion
  return `the mean loss since step ${since} is ${exploded.toFixed(1)}, where ${meaning}; gradient norm ${gradientNorm}`
}

function named(records: readonly number[]): string {
  const rest = records.length - NAMED_RECORDS
  return records.slice(0, NAMED_RECORDS).join(', ') + (rest > 0 ? ` and ${rest} more (all in log.jsonl)` : '')
}

/** The likeliest first. */
function causes({
  result,
  usualGradientNorm: usual,
  learningRate,
  hasWarmup,
  explosion,
}: Divergence): string[] {
  const norm = result.gradientNorm
  const before = usual === undefined ? 'this is the first step' : `${figure(usual)} in the steps before`
  const records =
    `an image or label of the batch: the gradient's norm before clipping is ${figure(norm)}, ${before}; look at its ` +
    'records with facedata inspect DATASET --record KEY'
  const rate =
    `a learning rate too high: it is ${learningRate.toPrecision(4)}; upstream's configs have, with SGD, 0.02 for batches of 128 and ` +
    '0.1 for 1024, and 0.001 with AdamW'
  const warmup = hasWarmup ? [] : ['no warm-up: warmup_epoch is 0']
  const sudden = explosion === undefined && usual !== undefined && norm > FAR_ABOVE_USUAL * usual
  const range =
    'values above 65504, the largest of float16, in the forward pass: fp16: false trains in float32'
  if (result.scaling !== undefined) return [range, rate, ...warmup, records]
  // NaN is above nothing: it comes of parameters that the steps before had broken.
  return sudden ? [records, rate, ...warmup] : [rate, ...warmup, records]
}

function wayOn({ checkpoint, explosion }: Divergence): string {
  if (checkpoint === undefined) return 'no checkpoint was written yet: change the config and start again'
  if (explosion === undefined || checkpoint < explosion.since) {
    return `the checkpoint of step ${checkpoint} is from before: change the config and go on there with --resume`
  }
  return (
    `the checkpoint of step ${checkpoint} was written when the loss was high already: with its folder removed, ` +
    '--resume goes on at an earlier one; --replace starts again'
  )
}

function figure(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : String(value)
}
