import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { inputErrorFrom } from '../../io/index.js'

/** `log.jsonl` of a run by columns; steps are counted from 1. What is not a number there is NaN here. */
export interface RunLog {
  /** A row for each line of training: mean loss since the one before, the rate of the step, throughput since then. */
  training: {
    steps: number[]
    epochs: number[]
    losses: number[]
    learningRates: number[]
    imagesPerSecond: number[]
  }
  /** Verifications by val target, in the order in which the targets first came. */
  targets: Map<string, TargetCurve>
  /** Where the run was stopped because its loss was lost: the last row of training. */
  lost?: { step: number; loss: number; learningRate: number }
  lines: number
  /** Numbers, from 1, of the lines that are no events. The last line is one where a run is writing it, or was killed. */
  unreadable: number[]
}

/** What a run reached on one val target. */
export interface TargetCurve {
  steps: number[]
  accuracies: number[]
  /** Standard deviation over the folds. */
  spreads: number[]
}

/** A log that is not there has no lines. @throws InputError where the file cannot be read */
export async function readRunLog(path: string): Promise<RunLog> {
  const log: RunLog = {
    training: { steps: [], epochs: [], losses: [], learningRates: [], imagesPerSecond: [] },
    targets: new Map(),
    lines: 0,
    unreadable: [],
  }
  if (!existsSync(path)) return log
  try {
    for await (const text of createInterface({ input: createReadStream(path) })) {
      log.lines++
      if (text !== '' && !addLine(log, parse(text))) log.unreadable.push(log.lines)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  return log
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** @returns whether it is an event of a run */
function addLine(log: RunLog, line: Record<string, unknown>): boolean {
  const { training, targets } = log
  const { step, val_target: target } = line
  if (typeof step !== 'number') return false
  if (typeof target === 'string') {
    const curve = targets.get(target) ?? { steps: [], accuracies: [], spreads: [] }
    targets.set(target, curve)
    curve.steps.push(step)
    curve.accuracies.push(numberOf(line['accuracy']))
    curve.spreads.push(numberOf(line['spread']))
  } else if ('loss' in line) {
    const [loss, learningRate] = [numberOf(line['loss']), numberOf(line['learning_rate'])]
    if (Array.isArray(line['records'])) log.lost = { step, loss, learningRate }
    training.steps.push(step)
    training.epochs.push(numberOf(line['epoch']))
    training.losses.push(loss)
    training.learningRates.push(learningRate)
    training.imagesPerSecond.push(numberOf(line['images_per_second']))
  }
  return true
}

/** JSON has no NaN: a log says null. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}
