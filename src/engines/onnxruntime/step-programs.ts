import { Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../onnx/index.js'
import { optimizerScalars } from '../optimizer-scalars.js'
import { positionsOf } from '../sampled-labels.js'
import { movesWithUpdate, stateLayout, tableNames } from '../state-layout.js'
import type { StepResult, TrainingBatch, TrainingOptions } from '../training-session.js'
import type { Execution } from './execution.js'
import { Program } from './program.js'
import type { RuntimeOptions } from './runtime.js'
import { centreFeeds, GATHERED } from './sampled-rows.js'
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
    const updated = stateLayout(options).filter(movesWithUpdate)
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
    const { scaling } = state.counts
    const batch = {
      images,
      labels: new Tensor('int32', graphLabels, [graphLabels.length]),
      ...(scaling && { loss_scale: scalar(scaling.scale) }),
    }
    const step = { batch, learningRate, centres, meanwhile }
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
    { batch, learningRate, centres, meanwhile }: Step,
  ): Promise<StepResult> {
    const own = { ...batch, ...this.#scalars(state, learningRate) }
    const results = await run(this.#step, state, own, centres, meanwhile)
    const skipped = this.#skips(results)
    take(state, results, centres, (name) => !(skipped && this.#updated.has(name)))
    return resultOf(results, state.counts.countUpdate(skipped))
  }

  /** Gradients are scaled by the same factor until their update, so that they add up. */
  async #accumulatingStep(
    state: TrainingState,
    { batch, learningRate, centres, meanwhile }: Step,
    update: Program,
  ): Promise<StepResult> {
    const results = await run(this.#step, state, batch, centres, meanwhile)
    take(state, results, centres)
    const { gradientAccumulation = 1 } = this.#options
    if (state.counts.countAccumulated() < gradientAccumulation) {
      return resultOf(results, state.counts.scalingBetweenUpdates())
    }
    const skipped = this.#skips(results)
    if (!skipped) {
      const scalars = this.#scalars(state, learningRate)
      const own = { gradient_norm: results['gradient_norm']!, ...scalars }
      take(state, await run(update, state, own, centres), centres)
    }
    state.clearAccumulated(centres)
    return resultOf(results, state.counts.countUpdate(skipped))
  }

  /** In mixed precision an update with a gradient that is no finite number is left out: then the norm of all is none. */
  #skips(results: Record<string, Tensor>): boolean {
    const norms = ['gradient_norm', 'head_gradient_norm']
    return this.#options.float16 === true && !norms.every((name) => Number.isFinite(numberOf(results, name)))
  }

  /** The optimizer's scalars of the next update. */
  #scalars(state: TrainingState, learningRate: number): Record<string, Tensor> {
    const values = optimizerScalars(this.#options.optimizer, learningRate, state.counts.updates + 1)
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

/** A float32 scalar. */
function scalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), [])
}
