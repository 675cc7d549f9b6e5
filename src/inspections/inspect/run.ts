import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { resample } from '../../terminal/index.js'
import { checkpointSteps, readRunState } from '../../training/checkpoints/checkpoint.js'
import type { Best, RunState } from '../../training/checkpoints/run-state.js'
import type { TrainingConfig } from '../../training/config/index.js'
import type { RunDirectory } from '../../training/run-directory.js'
import { createSchedule } from '../../training/schedule.js'
import { type RunLog, readRunLog, type TargetCurve } from '../../training/watching/run-log.js'

/** What a training run has come to. Steps are counted from 1: at step N, N are done. */
export interface RunInspection {
  kind: 'run'
  name: string
  path: string
  /** The last one that its log or a checkpoint tells of. */
  step: number
  /** At which it ends; undefined before the first checkpoint. */
  lastStep?: number
  epoch: number
  epochs: number
  /** As the config has them. */
  dataset: string
  network: TrainingConfig['network']
  embeddingSize: number
  batchSize: number
  optimizer: string
  highestLearningRate: number
  /** Of the dataset, the engine and the provider: as the last checkpoint has them. */
  data?: Pick<RunState['data'], 'images' | 'classes' | 'fingerprint'>
  engine?: RunState['engine']
  /** Mean over the steps between two lines of the log. */
  loss?: Curve & { lowest: { step: number; value: number } }
  learningRate?: Curve
  /** Throughput of training alone. */
  imagesPerSecond?: Curve & { median: number }
  targets: TargetScore[]
  /** Of the checkpoints that are there, in order. */
  checkpoints: number[]
  /** By mean accuracy over the val targets. */
  best?: Best
  /** Bytes of `model.onnx`, which may be of the run before. */
  modelBytes?: number
  /** The step at which the run was stopped because its loss was lost. */
  divergedAt?: number
}

/** Values of a run from its first step to its last, in as many means as fit a line of a terminal. */
export interface Curve {
  first: number
  last: number
  points: number[]
}

/** Accuracy on one val target. */
export interface TargetScore extends Curve {
  target: string
  /** Of the last verification, and its standard deviation over the folds. */
  step: number
  spread: number
  highest: { step: number; value: number }
}

const CURVE_POINTS = 120

/** Reads log, config and last checkpoint of a run. @throws InputError, UsageError */
export async function inspectRun(directory: RunDirectory): Promise<RunInspection> {
  const config = directory.readConfig()
  const log = await readRunLog(directory.log)
  const checkpoints = await checkpointSteps(directory.checkpoints)
  const last = checkpoints.at(-1)
  const state = last === undefined ? undefined : await readRunState(directory.checkpoints, last)
  const { steps, epochs } = log.training
  return {
    kind: 'run',
    name: basename(directory.path),
    path: directory.path,
    step: Math.max(steps.at(-1) ?? 0, last ?? 0),
    epoch: Math.max((epochs.findLast(Number.isFinite) ?? -1) + 1, state?.epoch ?? 0),
    epochs: config.num_epoch,
    dataset: config.dataset,
    network: config.network,
    embeddingSize: config.embedding_size,
    batchSize: config.batch_size,
    optimizer: config.optimizer,
    highestLearningRate: config.lr,
    ...(state && fromState(state, config)),
    ...curvesOf(log),
    targets: [...log.targets].map(([target, curve]) => scoreOf(target, curve)),
    checkpoints,
    ...(existsSync(directory.model) && { modelBytes: (await stat(directory.model)).size }),
    ...(log.lost && { divergedAt: log.lost.step }),
  }
}

function fromState({ data, engine, shift, best }: RunState, config: TrainingConfig): Partial<RunInspection> {
  const { totalSteps } = createSchedule({
    images: data.images,
    batchSize: config.batch_size,
    epochs: config.num_epoch,
    warmupEpochs: config.warmup_epoch,
    rate: config.lr,
    upstreamWarmup: config.upstream_warmup,
  })
  const { images, classes, fingerprint } = data
  return {
    lastStep: Math.min(totalSteps - shift, config.max_steps ?? Number.POSITIVE_INFINITY),
    data: { images, classes, fingerprint },
    engine,
    ...(best && { best }),
  }
}

function curvesOf({ training }: RunLog): Partial<RunInspection> {
  const { steps, losses, learningRates, imagesPerSecond } = training
  if (steps.length === 0) return {}
  const finite = imagesPerSecond.filter(Number.isFinite).sort((a, b) => a - b)
  return {
    loss: { ...curveOf(losses), lowest: extreme(steps, losses, (a, b) => a < b) },
    learningRate: curveOf(learningRates),
    imagesPerSecond: { ...curveOf(imagesPerSecond), median: finite[finite.length >> 1] ?? Number.NaN },
  }
}

function scoreOf(target: string, { steps, accuracies, spreads }: TargetCurve): TargetScore {
  return {
    target,
    ...curveOf(accuracies),
    step: steps.at(-1)!,
    spread: spreads.at(-1)!,
    highest: extreme(steps, accuracies, (a, b) => a > b),
  }
}

function curveOf(values: readonly number[]): Curve {
  return { first: values[0]!, last: values.at(-1)!, points: resample(values, CURVE_POINTS) }
}

/** The first of several; a value that is none is passed over. */
function extreme(
  steps: readonly number[],
  values: readonly number[],
  isBetter: (a: number, b: number) => boolean,
): { step: number; value: number } {
  let best = 0
  for (const [i, value] of values.entries()) {
    if (isBetter(value, values[best]!) || Number.isNaN(values[best])) best = i
  }
  return { step: steps[best]!, value: values[best]! }
}
