import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../onnx/index.js'
import { optimizerScalars } from '../optimizer-scalars.js'
import { positionsOf } from '../sampled-labels.js'
import { ACCUMULATED_COUNT, UPDATE_COUNT } from '../state-layout.js'
import type { StepResult, TrainingBatch, TrainingOptions } from '../training-session.js'
import { createRuntimeSession, type RuntimeOptions } from './runtime.js'
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
  readonly #step: InferenceSession
  readonly #update: InferenceSession | undefined

  private constructor(options: TrainingOptions, step: InferenceSession, update?: InferenceSession) {
    this.#options = options
    this.#step = step
    this.#update = update
  }

  static async create(
    options: TrainingOptions,
    runtime: RuntimeOptions,
    block?: number,
  ): Promise<StepPrograms> {
    const graphOptions = { ...options, block, classes: options.sampledCentres ?? options.classes }
    if ((options.gradientAccumulation ?? 1) === 1) {
      return new StepPrograms(options, await createProgram(trainingGraph(graphOptions), runtime))
    }
    return new StepPrograms(
      options,
      await createProgram(gradientGraph(graphOptions), runtime),
      await createProgram(updateGraph(graphOptions), runtime),
    )
  }

  /** One step on one batch; moves the state along. */
  async step(
    state: TrainingState,
    { images, labels, learningRate, centres }: TrainingBatch,
  ): Promise<StepResult> {
    const { batchSize, backbone, gradientAccumulation = 1 } = this.#options
    const { height, width } = backbone.inputSize
    const graphLabels = centres === undefined ? labels : positionsOf(labels, centres)
    const batch = {
      images: new Tensor('uint8', images, [batchSize, 3, height, width]),
      labels: new Tensor('int32', graphLabels, [batchSize]),
    }
    if (this.#update === undefined) {
      const scalars = this.#countUpdate(state, learningRate)
      return resultOf(await run(this.#step, state, { ...batch, ...scalars }, centres))
    }
    const results = await run(this.#step, state, batch, centres)
    if (countOneMore(state, ACCUMULATED_COUNT) >= gradientAccumulation) {
      const scalars = this.#countUpdate(state, learningRate)
      await run(this.#update, state, { gradient_norm: results['gradient_norm']!, ...scalars }, centres)
      state.clearAccumulated(centres)
      state.set(ACCUMULATED_COUNT, scalar(0))
    }
    return resultOf(results)
  }

  async release(): Promise<void> {
    await this.#step.release()
    await this.#update?.release()
  }

  /** Counts an update that is due and returns the optimizer's scalars of it. */
  #countUpdate(state: TrainingState, learningRate: number): Record<string, Tensor> {
    const { optimizer } = this.#options
    const update = state.has(UPDATE_COUNT) ? countOneMore(state, UPDATE_COUNT) : 1
    const values = optimizerScalars(optimizer, learningRate, update)
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, scalar(value)]))
  }
}

/** The state stays on the device from step to step; loss and norm come back. */
function createProgram(model: OnnxModel, runtime: RuntimeOptions): Promise<InferenceSession> {
  const staying = model.outputs.map(({ name }) => name).filter((name) => name.startsWith(NEXT))
  return createRuntimeSession(model, { ...runtime, staying })
}

/** Runs a graph on inputs of its own and the state, and puts its `next.*` into the state. */
async function run(
  session: InferenceSession,
  state: TrainingState,
  own: Record<string, Tensor>,
  centres: Int32Array | undefined,
): Promise<InferenceSession.ReturnType> {
  const feeds = { ...own }
  for (const name of session.inputNames) feeds[name] ??= state.get(name, centres)
  const results = await session.run(feeds)
  for (const [output, tensor] of Object.entries(results)) {
    if (output.startsWith(NEXT)) state.set(output.slice(NEXT.length), tensor as Tensor, centres)
  }
  return results
}

function countOneMore(state: TrainingState, name: string): number {
  const next = (state.get(name).data[0] as number) + 1
  state.set(name, scalar(next))
  return next
}

function scalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), [])
}

function resultOf(results: InferenceSession.ReturnType): StepResult {
  const value = (name: string) => (results[name] as Tensor).data[0] as number
  return { loss: value('loss'), gradientNorm: value('gradient_norm') }
}
