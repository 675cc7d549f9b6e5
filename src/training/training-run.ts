import { Dataset } from '../dataset/index.js'
import {
  type CentrePlace,
  chooseEngine,
  createTrainingSession,
  type Embedder,
  stateShapes,
  type TrainingOptions,
  type TrainingSession,
} from '../engines/index.js'
import type { Log } from '../progress/progress.js'
import { newRunState, type RunData, type RunEngine, type RunState } from './checkpoints/run-state.js'
import type { TrainingConfig } from './config/index.js'
import type { CentreSampler } from './loading/centre-sampler.js'
import { warnOfTypedNumbers } from './loading/dataset-numbers.js'
import { centreSamplerOf, centresOfRun, loaderOf } from './loading/run-batches.js'
import { readTrainingImages, type TrainingImages } from './loading/training-images.js'
import { type LoopParts, trainLoop } from './loop.js'
import { mixedPrecision } from './mixed-precision.js'
import { resume } from './resume/resumption.js'
import { findStartingPoint } from './resume/starting-point.js'
import { RunDirectory } from './run-directory.js'
import { createSchedule, type Schedule } from './schedule.js'
import { sessionOptions } from './session-options.js'
import { CurveLog } from './watching/curve-log.js'
import { EventLog } from './watching/event-log.js'
import { LossWatch } from './watching/loss-watch.js'
import { RunKeeper } from './watching/run-keeper.js'
import type { ValTarget } from './watching/val-targets.js'
import { Validation } from './watching/validation.js'
import { readInitialWeights } from './weights/index.js'
import { type ExportedWeights, exportWeights, findWeights } from './weights/run-export.js'

export interface TrainingRequest {
  config: TrainingConfig
  /** Folder or `.rec` file of the dataset. */
  dataset: string
  valTargets: readonly ValTarget[]
  /** Weights to begin with, a file or a folder: the config's `init`. */
  init?: string
  /** Folder of the run. */
  output: string
  /** Start again where the output holds another run. */
  replace: boolean
  /** Threads of the engine. */
  threads: number
  log: Log
  signal: AbortSignal
  /**
   * Asked before the model of an earlier run is replaced, with the mean accuracy of the new one on the val targets.
   * Throws where it must not be.
   */
  approve?: ((measures: { accuracy?: number }) => void) | undefined
}

/** What a run came to. */
export interface TrainingSummary {
  run: string
  model: string
  /** The weights in the model. */
  weights: ExportedWeights
  steps: number
  /** Highest accuracy on each val target. */
  highest: Record<string, number>
}

/**
 * Trains as the config says: goes on with an earlier run where there is one to go on with, keeps the best on
 * validation, and writes `model.onnx` at the end. What is wrong with config, data or val targets is found before the
 * first step. @throws UsageError, InputError, InterruptedError; FacedataError where the loss explodes
 */
export async function runTraining(request: TrainingRequest): Promise<TrainingSummary> {
  const training = await prepareTraining(request)
  const session = await createTrainingSession(training.options)
  try {
    const directory = new RunDirectory(request.output)
    const run = await startOrGoOn(directory, session, training, request)
    await trainInto(directory, session, training, run, request)
    request.approve?.(run.best === null ? {} : { accuracy: run.best.accuracy })
    const weights = await exportWeights(directory, await findWeights(directory, 'best'), directory.model)
    return { run: directory.path, model: directory.model, weights, steps: run.step, highest: run.highest }
  } finally {
    await session.close()
  }
}

/** A run as its config and its data define it. */
interface Training {
  images: TrainingImages
  validation: Validation
  schedule: Schedule
  /** Step at which a run that stands so ends. */
  lastStepOf(run: Pick<RunState, 'shift'>): number
  /** Of the steps' class centres, where they are not all. */
  centreSampler: CentreSampler | undefined
  options: TrainingOptions
}

async function prepareTraining({
  config,
  dataset,
  valTargets,
  threads,
  log,
}: TrainingRequest): Promise<Training> {
  const images = await openImages(dataset, config, log)
  warnOfTypedNumbers(config, images, log)
  const validation = await Validation.open(valTargets, images)
  const schedule = createSchedule({
    images: images.count,
    batchSize: config.batch_size,
    epochs: config.num_epoch,
    warmupEpochs: config.warmup_epoch,
    rate: config.lr,
    upstreamWarmup: config.upstream_warmup,
  })
  const lastStepOf = ({ shift }: Pick<RunState, 'shift'>) =>
    Math.min(schedule.totalSteps - shift, config.max_steps ?? Number.POSITIVE_INFINITY)
  log.info(
    `${images.count} images of ${images.classes} identities: ${schedule.stepsPerEpoch} steps of ` +
      `${config.batch_size} an epoch, ${lastStepOf({ shift: 0 })} steps in all`,
  )
  const centreSampler = centreSamplerOf(config, images)
  const { engine, reason } = await chooseEngine(config.engine, config.provider)
  if (config.engine === 'auto') log.info(`engine ${engine}: ${reason}`)
  const options: TrainingOptions = {
    ...sessionOptions(config, images, threads, engine),
    float16: await mixedPrecision(config, engine, log),
    ...(centreSampler && { sampledCentres: centreSampler.count }),
  }
  if (centreSampler !== undefined) {
    log.info(`PartialFC: ${centreSampler.count} of ${images.classes} class centres a step`)
  }
  return { images, validation, schedule, lastStepOf, centreSampler, options }
}

/** The state of the run, its tensors in the session and its folder ready. */
async function startOrGoOn(
  directory: RunDirectory,
  session: TrainingSession,
  { images, lastStepOf, options }: Training,
  { config, replace, log, init, threads }: TrainingRequest,
): Promise<RunState> {
  const data: RunData = {
    fingerprint: images.fingerprint,
    images: images.count,
    classes: images.classes,
    batchSize: config.batch_size,
    seed: config.seed,
    network: JSON.stringify([config.network, config.embedding_size]),
    optimizer: config.optimizer,
    gradientAccumulation: config.gradient_acc,
  }
  const { lowering, provider, device, centres } = session
  const engine: RunEngine = { lowering, provider, threads }
  const start = await findStartingPoint(directory, config, data, { replace, lastStepOf, log })
  if (start === undefined) await begin(directory, session, { images, options }, init, log)
  else if (init !== undefined) {
    log.info(`init is ignored: the run goes on from its own weights, not from ${init}`)
  }
  const resumed =
    start &&
    (await resume(start, {
      run: directory.path,
      data,
      engine,
      names: images.names,
      shapes: stateShapes(options),
      log,
      initialState: () => session.state(),
    }))
  if (resumed !== undefined) await session.load(resumed.state)
  log.info(`engine: ${lowering}, provider ${provider}${device ? ` (${device})` : ''}, ${threads} threads`)
  if (centres !== undefined) log.info(placeOf(centres))
  await directory.prepare(config)
  return resumed?.run ?? newRunState(data, engine)
}

function placeOf({ onDevice, bytes }: CentrePlace): string {
  const place = onDevice ? 'the memory of the device' : 'the memory of the process'
  return `PartialFC: class centres and the optimizer's values of them, ${(bytes / 2 ** 20).toFixed(0)} MiB, lie in ${place}`
}

/** A new run: an earlier one in its folder goes once the weights to begin with are read. */
async function begin(
  directory: RunDirectory,
  session: TrainingSession,
  { images, options }: Pick<Training, 'images' | 'options'>,
  init: string | undefined,
  log: Log,
): Promise<void> {
  if (init === undefined) return directory.clear()
  const { backbone } = options
  const from = { path: init, backbone, names: images.names, initialState: () => session.state() }
  const initial = await readInitialWeights(from, log)
  await directory.clear()
  await session.load(initial)
}

async function trainInto(
  directory: RunDirectory,
  session: TrainingSession,
  { images, validation, schedule, lastStepOf, centreSampler, options }: Training,
  run: RunState,
  { config, log, signal }: TrainingRequest,
): Promise<void> {
  const loader = loaderOf(config, images)
  const eventLog = await EventLog.open(directory.log, run.step)
  const curveLog = await CurveLog.open(directory.curves, run.step)
  const keeper = new RunKeeper(directory, session, embedderOf(session, options), validation, {
    eventLog,
    curveLog,
    keepCheckpoints: config.keep_checkpoints,
    names: images.names,
    log,
    signal,
  })
  const parts: LoopParts = {
    session,
    schedule,
    batches: (first, end) => loader.batches(first, end),
    centresOf: centreSampler && centresOfRun(centreSampler, config, images, run),
    keysOf: (positions) => Array.from(positions, (position) => images.keys[position]!),
    verify: (state, epoch) => keeper.verify(state, epoch),
    saveCheckpoint: (state) => keeper.saveCheckpoint(state),
    eventLog,
    curveLog,
    lossWatch: new LossWatch({
      classes: centreSampler?.count ?? images.classes,
      scale: options.head.scale,
    }),
    log,
    signal,
    lastStep: lastStepOf(run),
    frequent: config.frequent,
    verbose: config.verbose,
    saveSteps: config.save_steps,
  }
  try {
    await trainLoop(parts, run)
  } finally {
    await eventLog.close()
    await curveLog.close()
    await loader.close()
  }
}

async function openImages(path: string, config: TrainingConfig, log: Log): Promise<TrainingImages> {
  const dataset = await Dataset.open(path)
  try {
    return await readTrainingImages(dataset, config, log)
  } finally {
    await dataset.close()
  }
}

/** The network under training as verification sees it. */
function embedderOf(session: TrainingSession, { backbone }: TrainingOptions): Embedder {
  return {
    inputSize: backbone.inputSize,
    embeddingSize: backbone.embeddingSize,
    embed: (images) => session.embed(images),
    close: async () => {},
  }
}
