import { setImmediate as nextTurn } from 'node:timers/promises'
import type { InferenceSession } from 'onnxruntime-node'
import { PIXEL_MEAN, PIXEL_STD } from '../pixels.js'
import type { State, StepResult, TrainingBatch, TrainingOptions } from '../training-session.js'
import { type ImageInput, runEmbedding } from './embedding-run.js'
import { type Execution, PORTABLE_CPU } from './execution.js'
import { ImageUploads } from './image-uploads.js'
import { inferenceGraph } from './inference-graph.js'
import { createRuntimeSession, type RuntimeOptions } from './runtime.js'
import { StepPrograms } from './step-programs.js'
import { TrainingState } from './training-state.js'

/** A training session without its thread: every call blocks while the runtime works. */
export class TrainingRun {
  readonly #options: TrainingOptions
  readonly #runtime: RuntimeOptions
  readonly #execution: Execution
  readonly #programs: StepPrograms
  readonly #state: TrainingState
  /** Batches that wait for their steps, by number, in the order in which they came. */
  readonly #waiting = new Map<number, TrainingBatch>()
  readonly #uploads: ImageUploads
  /** The forward pass with the weights of now; made when it is asked for. */
  #inference: InferenceSession | undefined

  private constructor(
    options: TrainingOptions,
    runtime: RuntimeOptions,
    execution: Execution,
    programs: StepPrograms,
  ) {
    this.#options = options
    this.#runtime = runtime
    this.#execution = execution
    this.#programs = programs
    this.#state = new TrainingState(options, runtime, execution)
    const { height, width } = options.backbone.inputSize
    this.#uploads = new ImageUploads([options.batchSize, 3, height, width], runtime)
  }

  static async create(options: TrainingOptions, execution: Execution = PORTABLE_CPU): Promise<TrainingRun> {
    const { provider, block } = execution
    const runtime = { provider, threads: options.threads, optimize: block === undefined }
    return new TrainingRun(
      options,
      runtime,
      execution,
      await StepPrograms.create(options, runtime, execution),
    )
  }

  /** The batch of a step to come. */
  hand(number: number, batch: TrainingBatch): void {
    this.#waiting.set(number, batch)
  }

  /** On the batch of this number. */
  async step(number: number): Promise<StepResult> {
    const batch = this.#waiting.get(number)!
    this.#waiting.delete(number)
    const images = this.#uploads.take(batch)
    const result = await this.#programs.step(this.#state, batch, images, () => this.#uploadNext())
    images.dispose()
    await this.#dropInference()
    return result
  }

  async load(state: State): Promise<void> {
    this.#state.load(state)
    await this.#dropInference()
  }

  /** Shares memory with the run; the copy is made on the way out of the thread, but for what threads share. */
  state(): Promise<State> {
    return this.#state.share()
  }

  async embed(images: Uint8Array): Promise<Float32Array> {
    const { backbone, batchSize } = this.#options
    this.#inference ??= await this.#createInference()
    const input: ImageInput = {
      name: 'data',
      ...backbone.inputSize,
      color: 'rgb',
      mean: PIXEL_MEAN,
      std: PIXEL_STD,
      batchSize,
      fixed: false,
    }
    return runEmbedding(this.#inference, input, 'embedding', images)
  }

  async close(): Promise<void> {
    await this.#dropInference()
    await this.#state.release()
    await this.#uploads.release()
    await this.#programs.release()
  }

  /** Images of the next batch go to the device while it works on this one. */
  async #uploadNext(): Promise<void> {
    if (this.#runtime.provider !== 'webgpu') return
    // What was handed over while the runtime had this thread is heard of now.
    await nextTurn()
    const [next] = this.#waiting.values()
    if (next !== undefined) await this.#uploads.upload(next)
  }

  async #createInference(): Promise<InferenceSession> {
    const state = await this.#state.share()
    const weights = (name: string) => state.get(`backbone.${name}`)!.data
    const model = inferenceGraph(this.#options.backbone, weights, new Map(), this.#execution)
    return createRuntimeSession(model, this.#runtime)
  }

  async #dropInference(): Promise<void> {
    await this.#inference?.release()
    this.#inference = undefined
  }
}
