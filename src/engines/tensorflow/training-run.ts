import { initialValues } from '../../network/index.js'
import { optimizerScalars } from '../optimizer-scalars.js'
import { positionsOf } from '../sampled-labels.js'
import { imageLengthOf } from '../session-checks.js'
import { type StateEntry, stateLayout } from '../state-layout.js'
import type { State, StepResult, TrainingBatch, TrainingOptions } from '../training-session.js'
import { UpdateCounts } from '../update-counts.js'
import type { TensorFlowBinding } from './addon/binding.js'
import type { ImageLayout } from './graph.js'
import { SavedModelSession } from './saved-model-session.js'
import { trainingModel } from './training-model.js'

/** A training session without its thread: every call blocks while TensorFlow works. */
export class TrainingRun {
  readonly #options: TrainingOptions
  readonly #session: SavedModelSession
  readonly #layout: readonly StateEntry[]
  /** What no graph keeps. */
  readonly #counts: UpdateCounts
  /** Tensors that wait for their values before training, by their positions in the layout. */
  readonly #waiting: Map<string, number>
  /** Batches that wait for their steps, by number. */
  readonly #batches = new Map<number, TrainingBatch>()

  private constructor(options: TrainingOptions, session: SavedModelSession) {
    this.#options = options
    this.#session = session
    this.#layout = stateLayout(options)
    this.#counts = new UpdateCounts(this.#layout)
    const kept = this.#layout.map(({ name }, position) => [name, position] as const)
    this.#waiting = new Map(kept.filter(([name]) => !this.#counts.has(name)))
  }

  static async create(
    options: TrainingOptions,
    binding: TensorFlowBinding,
    layout: ImageLayout,
  ): Promise<TrainingRun> {
    const model = trainingModel({ ...options, layout })
    return new TrainingRun(options, await SavedModelSession.create(binding, model))
  }

  /** The batch of a step to come. */
  hand(number: number, batch: TrainingBatch): void {
    this.#batches.set(number, batch)
  }

  /** On the batch of this number. */
  step(number: number): StepResult {
    const { images, labels, learningRate, centres } = this.#batches.get(number)!
    this.#batches.delete(number)
    this.#initialize()
    const { gradientAccumulation = 1, float16 = false } = this.#options
    const sampled = centres === undefined ? undefined : { centres }
    const scaling = this.#counts.scaling
    const batch = {
      ...{ images, labels: centres === undefined ? labels : positionsOf(labels, centres) },
      ...sampled,
      ...(scaling && { loss_scale: Float32Array.of(scaling.scale) }),
    }
    const wanted = ['loss', 'gradient_norm', ...(float16 ? ['head_gradient_norm'] : [])]
    if (gradientAccumulation === 1) {
      const results = this.#session.run('step', { ...batch, ...this.#scalars(learningRate) }, wanted)
      return resultOf(results, this.#counts.countUpdate(overflows(results)))
    }
    const results = this.#session.run('accumulate', batch, wanted)
    if (this.#counts.countAccumulated() < gradientAccumulation) {
      return resultOf(results, this.#counts.scalingBetweenUpdates())
    }
    if (float16 && overflows(results)) this.#session.run('clear', { ...sampled }, ['done'])
    else {
      const gradient_norm = results['gradient_norm']!
      this.#session.run('update', { ...sampled, gradient_norm, ...this.#scalars(learningRate) }, ['done'])
    }
    return resultOf(results, this.#counts.countUpdate(overflows(results)))
  }

  load(state: State): void {
    const tensors: [string, Float32Array][] = []
    for (const [name, { data }] of state) {
      if (this.#counts.has(name)) this.#counts.set(name, data[0]!)
      else tensors.push([name, ownMemory(data)])
    }
    this.#set(tensors)
  }

  /** Tables of every class are fetched one by one, so that not all of them are in memory twice. */
  state(): State {
    this.#initialize()
    const tables = this.#layout.filter(({ parameter }) => parameter.perClass).map(({ name }) => name)
    const others = this.#layout.filter(({ kind, parameter }) => kind !== 'count' && !parameter.perClass)
    const tensors = this.#fetch(others.map(({ name }) => name))
    for (const name of tables) tensors[name] = this.#fetch([name])[name]!
    return new Map(
      this.#layout.map(({ name, parameter: { shape } }) => {
        const data = tensors[name] ?? Float32Array.of(this.#counts.get(name))
        return [name, { shape: [...shape], data }]
      }),
    )
  }

  /** In batches of the training's size. */
  embed(images: Uint8Array): Float32Array {
    this.#initialize()
    const { backbone, batchSize } = this.#options
    const imageLength = imageLengthOf(backbone)
    const embeddings = new Float32Array((images.length / imageLength) * backbone.embeddingSize)
    const step = batchSize * imageLength
    for (let start = 0; start < images.length; start += step) {
      const batch = images.slice(start, start + step)
      const result = this.#session.run('embed', { images: batch }, ['embeddings']).embeddings
      embeddings.set(result, (start / imageLength) * backbone.embeddingSize)
    }
    return embeddings
  }

  close(): void {
    this.#session.close()
  }

  /** Gives what was not loaded its values before training. */
  #initialize(): void {
    const { seed } = this.#options
    this.#set(
      [...this.#waiting].map(([name, position]) => {
        return [name, initialValues(this.#layout[position]!.parameter, seed, position)] as const
      }),
    )
  }

  /** All in one run: TensorFlow prepares one program for each set of tensors. */
  #set(tensors: readonly (readonly [string, Float32Array])[]): void {
    if (tensors.length === 0) return
    const names = tensors.map(([name]) => name)
    this.#session.run('load', Object.fromEntries(tensors), names)
    for (const name of names) this.#waiting.delete(name)
  }

  #fetch(names: readonly string[]): Record<string, Float32Array> {
    return this.#session.run('state', {}, names) as Record<string, Float32Array>
  }

  /** The optimizer's scalars of the next update. */
  #scalars(learningRate: number): Record<string, Float32Array> {
    const values = optimizerScalars(this.#options.optimizer, learningRate, this.#counts.updates + 1)
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]))
  }
}

type Results = Readonly<Record<string, ArrayLike<number>>>

/** Whether a gradient is no finite number: then the norm of all of them is none. */
function overflows({ loss, ...norms }: Results): boolean {
  return Object.values(norms).some((norm) => !Number.isFinite(norm[0]))
}

function resultOf(results: Results, scaling: StepResult['scaling']): StepResult {
  return {
    loss: results['loss']![0]!,
    gradientNorm: results['gradient_norm']![0]!,
    ...(scaling && { scaling }),
  }
}

/** TensorFlow takes no memory that threads share. */
function ownMemory(data: Float32Array): Float32Array {
  return data.buffer instanceof SharedArrayBuffer ? new Float32Array(data) : data
}
