import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { inputErrorFrom } from '../../io/index.js'

/** `log.jsonl` of a run by columns; steps are counted from 1. */
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
  /** The step at which the run was stopped because its loss was lost. */
  divergedAt?: number
}

/** What a run reached on one val target. */
export interface TargetCurve {
  steps: number[]
  accuracies: number[]
  /** Standard deviation over the folds. */
  spreads: number[]
}

/** A line as it may stand there: fields of another kind are not read. */
interface LoggedLine {
  step?: number
  epoch?: number
  loss?: number | null
  learning_rate?: number
  images_per_second?: number
  val_target?: string
  accuracy?: number
  spread?: number
  records?: number[]
}

/** A line that a killed run left unfinished is passed over. @throws InputError where the file cannot be read */
export async function readRunLog(path: string): Promise<RunLog> {
  const log: RunLog = {
    training: { steps: [], epochs: [], losses: [], learningRates: [], imagesPerSecond: [] },
    targets: new Map(),
  }
  try {
    for await (const text of createInterface({ input: createReadStream(path) })) {
      const line = parse(text)
      if (line !== undefined) addLine(log, line)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  return log
}

function parse(text: string): LoggedLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function addLine(log: RunLog, line: LoggedLine): void {
  const { training, targets } = log
  const { step, epoch = 0, loss, val_target: target, accuracy, spread = Number.NaN } = line
  if (step === undefined) return
  if (target !== undefined && accuracy !== undefined) {
    const curve = targets.get(target) ?? { steps: [], accuracies: [], spreads: [] }
    targets.set(target, curve)
    curve.steps.push(step)
    curve.accuracies.push(accuracy)
    curve.spreads.push(spread)
  } else if (line.records !== undefined) log.divergedAt = step
  else if (loss !== undefined) {
    training.steps.push(step)
    training.epochs.push(epoch)
    // JSON has no NaN: null stands for it.
    training.losses.push(loss ?? Number.NaN)
    training.learningRates.push(line.learning_rate ?? Number.NaN)
    training.imagesPerSecond.push(line.images_per_second ?? Number.NaN)
  }
}
