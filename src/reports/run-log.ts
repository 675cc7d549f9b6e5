import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { inputErrorFrom } from '../io/index.js'

/** `log.jsonl` of a run by columns. What is not a number there is NaN here. */
export interface RunLog {
  /** Lines of training. */
  steps: number[]
  epochs: number[]
  losses: number[]
  learningRates: number[]
  imagesPerSecond: number[]
  /** By val target. */
  accuracies: Map<string, { steps: number[]; accuracies: number[] }>
  /** The line that a run leaves where it is lost. */
  lost: { step: number; loss: number; learningRate: number } | undefined
  faults: string[]
}

/** Reads a log, also one that is being written: a torn last line is told and passed over. @throws InputError */
export async function readRunLog(path: string): Promise<RunLog> {
  const log: RunLog = {
    steps: [],
    epochs: [],
    losses: [],
    learningRates: [],
    imagesPerSecond: [],
    accuracies: new Map(),
    lost: undefined,
    faults: [],
  }
  if ((await stat(path).catch(() => undefined)) === undefined) {
    log.faults.push('log.jsonl: there is none: the run has not begun, or its log was removed')
    return log
  }
  const bad: number[] = []
  let number = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      number++
      if (line !== '' && !addLine(log, line)) bad.push(number)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  if (number === 0) log.faults.push('log.jsonl: it is empty: no step was logged yet')
  log.faults.push(...badLines(bad, number))
  return log
}

/** @returns whether it is a line of a log */
function addLine(log: RunLog, line: string): boolean {
  const event = parse(line)
  if (event === undefined || !Number.isInteger(event['step'])) return false
  const step = event['step'] as number
  const { val_target: target } = event
  if (typeof target === 'string') {
    const found = log.accuracies.get(target) ?? { steps: [], accuracies: [] }
    found.steps.push(step)
    found.accuracies.push(numberOf(event['accuracy']))
    log.accuracies.set(target, found)
    return true
  }
  if (!('loss' in event)) return true
  const [loss, learningRate] = [numberOf(event['loss']), numberOf(event['learning_rate'])]
  if (Array.isArray(event['records'])) log.lost = { step, loss, learningRate }
  log.steps.push(step)
  log.epochs.push(numberOf(event['epoch']))
  log.losses.push(loss)
  log.learningRates.push(learningRate)
  log.imagesPerSecond.push(numberOf(event['images_per_second']))
  return true
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** JSON has no NaN: a log says null. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}

function badLines(bad: number[], last: number): string[] {
  const torn = bad.at(-1) === last
  const inner = torn ? bad.slice(0, -1) : bad
  return [
    ...(inner.length === 0
      ? []
      : [`log.jsonl: ${inner.length} lines are no events, the first is line ${inner[0]}`]),
    ...(torn
      ? [`log.jsonl: line ${last}, the last one, is not whole: the run is being written, or was killed`]
      : []),
  ]
}
