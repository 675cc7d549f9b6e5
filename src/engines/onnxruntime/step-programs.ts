import { Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../onnx/index.js'
import { type LossScaling, nextScaling } from '../loss-scaling.js'
import { optimizerScalars } from '../optimizer-scalars.js'
import { positionsOf } from '../sampled-labels.js'
import {
  ACCUMULATED_COUNT,
  movesWithUpdate,
  networkParts,
  stateLayout,
  tableNames,
  UPDATE_COUNT,
} from '../state-layout.js'
import type { StepResult, TrainingBatch, TrainingOptions } from '../training-session.js'
import type { Execution } from './execution.js'
import { Program } from './program.js'
import type { RuntimeOptions } from './runtime.js'
import { centreFeeds, GATHERED } from './sampled-rows.js'
import { readScalar, readScaling, scalar, writeScalar, writeScaling } from './state-scalars.js'
import { gradientGraph, nextName, trainingGraph, updateGraph } from './training-graph.js'
import type { TrainingState } from './training-state.js'

const NEXT = nextName('')

/**
 * What runs in a training step: one graph that does everything or, where gradients are accumulated over several steps,
 * one for the gradients and one for the update.
 */
export class StepPrograms {
  readonly #options: TrainingOptions
  /** The whole step, or forward and backward pass alone. */
  readonly #step: Program
  readonly #update: Program | undefined
  /** Names of what moves with an update alone. */
  readonly #updated: ReadonlySet<string>

  private constructor(options: TrainingOptions, step: Program, update?: Program) {
    this.#options = options
    this.#step = step
    this.#update = update
    const parts = networkParts(options.backbone, options.head, options.classes)
    const updated = stateLayout(parts, options).filter(movesWithUpdate)
    this.#updated = new Set(updated.map(({ name }) => name))
  }

  static async create(
    options: TrainingOptions,
    runtime: RuntimeOptions,
    { provider, block, centresOnDevice }: Execution,
  ): Promise<StepPrograms> {
    const { classes, sampledCentres = classes } = options
    const classesOnDevice = centresOnDevice ? classes : undefined
    const graphOptions = { ...options, provider, block, classes: sampledCentres, classesOnDevice }
    const inTables = centresOnDevice ? [] : tableNames(options)
    const create = (model: OnnxModel) => createProgram(model, runtime, inTables)
    if ((options.gradientAccumulation ?? 1) === 1) {
      return new StepPrograms(options, await create(trainingGraph(graphOptions)))
    }
    return new StepPrograms(
      options,
      await create(gradientGraph(graphOptions)),
      await create(updateGraph(graphOptions)),
    )
  }

  /**
   * One step on one batch, its images uint8 [B, 3, H, W]; moves the state along. `meanwhile` is called while a device
   * with memory of its own runs the step.
   */
  async step(
    state: TrainingState,
    { labels, learningRate, centres }: Omit<TrainingBatch, 'images'>,
    images: Tensor,
    meanwhile: () => Promise<void>,
  ): Promise<StepResult> {
    const graphLabels = centres === undefined ? labels : positionsOf(labels, centres)
    const scaling = readScaling(state)
    const batch = {
      images,
      labels: new Tensor('int32', graphLabels, [graphLabels.length]),
      ...(scaling && { loss_scale: scalar(scaling.scale) }),
    }
    const step = { batch, learningRate, centres, scaling, meanwhile }
    return this.#update === undefined
      ? this.#wholeStep(state, step)
      : this.#accumulatingStep(state, step, this.#update)
  }

  async release(): Promise<void> {
    await this.#step.release()
    await this.#update?.release()
  }

  async #wholeStep(
    state: TrainingState,
    { batch, learningRate, centres, scaling, meanwhile }: Step,
  ): Promise<StepResult> {
    const own = { ...batch, ...this.#scalars(state, learningRate) }
    const results = await run(this.#step, state, own, centres, meanwhile)
    const skipped = scaling !== undefined && overflows(results)
    take(state, results, centres, (name) => !(skipped && this.#updated.has(name)))
    if (!skipped) countOneMore(state, UPDATE_COUNT)
    return resultOf(results, scaled(state, scaling, skipped))
  }

  /** Gradients are scaled by the same factor until their update, so that they add up. */
  async #accumulatingStep(
    state: TrainingState,
    { batch, learningRate, centres, scaling, meanwhile }: Step,
    update: Program,
  ): Promise<StepResult> {
    const results = await run(this.#step, state, batch, centres, meanwhile)
    take(state, results, centres)
    const { gradientAccumulation = 1 } = this.#options
    if (countOneMore(state, ACCUMULATED_COUNT) < gradientAccumulation) {
      return resultOf(results, scaling && told(scaling, scaling, false))
    }
    const skipped = scaling !== undefined && overflows(results)
    if (!skipped) {
      const scalars = this.#scalars(state, learningRate)
      const own = { gradient_norm: results['gradient_norm']!, ...scalars }
      take(state, await run(update, state, own, centres), centres)
      countOneMore(state, UPDATE_COUNT)
    }
    state.clearAccumulated(centres)
    writeScalar(state, ACCUMULATED_COUNT, 0)
    return resultOf(results, scaled(state, scaling, skipped))
  }

  /** The optimizer's scalars of the next update. */
  #scalars(state: TrainingState, learningRate: number): Record<string, Tensor> {
    const update = state.has(UPDATE_COUNT) ? readScalar(state, UPDATE_COUNT) + 1 : 1
    const values = optimizerScalars(this.#options.optimizer, learningRate, update)
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, scalar(value)]))
  }
}

/** The state stays on the device from step to step; loss, norms and rows of tables come back. */
function createProgram(
  model: OnnxModel,
  runtime: RuntimeOptions,
  inTables: readonly string[],
): Promise<Program> {
  const stays = (name: string) => name.startsWith(NEXT) && !inTables.includes(name.slice(NEXT.length))
  return Program.create(model, runtime, stays)
}

interface Step {
  batch: Record<string, Tensor>
  learningRate: number
  centres: Int32Array | undefined
  scaling: LossScaling | undefined
  meanwhile: () => Promise<void>
}

/** Runs a graph on inputs of its own and the state. */
async function run(
  program: Program,
  state: TrainingState,
  own: Record<string, Tensor>,
  centres: Int32Array | undefined,
  meanwhile?: () => Promise<void>,
): Promise<Record<string, Tensor>> {
  const feeds = { ...own }
  if (centres !== undefined && program.inputNames.includes(GATHERED))
    Object.assign(feeds, centreFeeds(centres))
  for (const name of program.inputNames) feeds[name] ??= state.get(name, centres)
  return program.run(feeds, meanwhile)
}

/** Puts the `next.*` among the results into the state, and frees those that are not wanted there. */
function take(
  state: TrainingState,
  results: Record<string, Tensor>,
  centres: Int32Array | undefined,
  isWanted: (name: string) => boolean = () => true,
): void {
  for (const [output, tensor] of Object.entries(results)) {
    if (!output.startsWith(NEXT)) continue
    const name = output.slice(NEXT.length)
    if (isWanted(name)) state.set(name, tensor, centres)
    else tensor.dispose()
  }
}

/** Whether a gradient is no finite number: then the norm of all of them is none. */
function overflows(results: Record<string, Tensor>): boolean {
  return !['gradient_norm', 'head_gradient_norm'].every((name) => Number.isFinite(numberOf(results, name)))
}

/** Moves the scaling on and says what it was in the step. */
function scaled(
  state: TrainingState,
  scaling: LossScaling | undefined,
  skipped: boolean,
): StepResult['scaling'] {
  if (scaling === undefined) return undefined
  const next = nextScaling(scaling, skipped)
  writeScaling(state, next)
  return told(scaling, next, skipped)
}

/** The scale of the step, and what was left out up to its end. */
function told(
  { scale }: LossScaling,
  { skippedUpdates }: LossScaling,
  skipped: boolean,
): NonNullable<StepResult['scaling']> {
  return { scale, skipped, skippedUpdates }
}

/** One more in a count of the state, where it has it. */
function countOneMore(state: TrainingState, name: string): number {
  if (!state.has(name)) return 0
  const next = readScalar(state, name) + 1
  writeScalar(state, name, next)
  return next
}

function resultOf(results: Record<string, Tensor>, scaling: StepResult['scaling']): StepResult {
  return {
    loss: numberOf(results, 'loss'),
    gradientNorm: numberOf(results, 'gradient_norm'),
    ...(scaling && { scaling }),
  }
}

function numberOf(results: Record<string, Tensor>, name: string): number {
  return results[name]!.data[0] as number
}
