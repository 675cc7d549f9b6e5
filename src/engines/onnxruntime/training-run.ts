import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { fillInitialValues, initialValues } from '../../network/index.js'
import type { State, StepResult, TrainingBatch, TrainingOptions } from '../training-session.js'
import { type ImageInput, runEmbedding } from './embedding-run.js'
import { inferenceGraph } from './inference-graph.js'
import { RowTable } from './row-table.js'
import { createRuntimeSession, type RuntimeOptions } from './runtime.js'
import { positionsOf } from './sampled-labels.js'
import { networkParts, stateLayout } from './state-layout.js'
import { nextName, PIXEL_MEAN, PIXEL_STD, trainingGraph } from './training-graph.js'

/** A training session without its thread: every call blocks while the runtime works. */
export class TrainingRun {
  readonly #options: TrainingOptions
  readonly #runtime: RuntimeOptions
  readonly #step: InferenceSession
  /** Results of the last step, which are fed to the next one as they are. */
  readonly #state = new Map<string, Tensor>()
  /** What there is of every class where a step has some of them alone. */
  readonly #tables = new Map<string, RowTable>()
  /** The forward pass with the weights of now; made when it is asked for. */
  #inference: InferenceSession | undefined

  private constructor(options: TrainingOptions, runtime: RuntimeOptions, step: InferenceSession) {
    this.#options = options
    this.#runtime = runtime
    this.#step = step
    const layout = stateLayout(networkParts(options.backbone, options.head, options.classes))
    layout.forEach(({ name, parameter, kind }, position) => {
      const start = kind === 'momentum' ? { ...parameter, initial: { constant: 0 } } : parameter
      if (options.sampledCentres !== undefined && parameter.perClass) {
        const fill = (values: Float32Array) => fillInitialValues(values, start, options.seed, position)
        this.#tables.set(name, new RowTable(parameter.shape, fill))
        return
      }
      const values = initialValues(start, options.seed, position)
      this.#state.set(name, new Tensor('float32', values, parameter.shape))
    })
  }

  static async create(options: TrainingOptions): Promise<TrainingRun> {
    const runtime = { provider: options.provider ?? 'auto', threads: options.threads }
    const graph = trainingGraph({ ...options, classes: options.sampledCentres ?? options.classes })
    return new TrainingRun(options, runtime, await createRuntimeSession(graph, runtime))
  }

  async step({ images, labels, learningRate, centres }: TrainingBatch): Promise<StepResult> {
    const { batchSize, backbone } = this.#options
    const { height, width } = backbone.inputSize
    const graphLabels = centres === undefined ? labels : positionsOf(labels, centres)
    const feeds: Record<string, Tensor> = {
      images: new Tensor('uint8', images, [batchSize, 3, height, width]),
      labels: new Tensor('int32', graphLabels, [batchSize]),
      learning_rate: new Tensor('float32', Float32Array.of(learningRate), []),
    }
    for (const [name, tensor] of this.#state) feeds[name] = tensor
    if (centres !== undefined) {
      for (const [name, table] of this.#tables) feeds[name] = table.gather(centres)
    }
    const results = await this.#step.run(feeds)
    for (const name of this.#state.keys()) {
      this.#state.get(name)!.dispose()
      this.#state.set(name, results[nextName(name)] as Tensor)
    }
    if (centres !== undefined) {
      for (const [name, table] of this.#tables) table.scatter(centres, results[nextName(name)] as Tensor)
    }
    await this.#dropInference()
    return { loss: scalar(results['loss']), gradientNorm: scalar(results['gradient_norm']) }
  }

  async load(state: State): Promise<void> {
    for (const [name, { shape, data }] of state) {
      const table = this.#tables.get(name)
      if (table !== undefined) table.load(data)
      else this.#state.set(name, new Tensor('float32', ownMemory(data), shape))
    }
    await this.#dropInference()
  }

  /** Shares memory with the run; the copy is made on the way out of the thread, but for what threads share. */
  state(): State {
    const tensors = new Map(
      [...this.#state].map(([name, { dims, data }]) => [
        name,
        { shape: [...dims], data: data as Float32Array },
      ]),
    )
    const tables = [...this.#tables].map(
      ([name, { shape, values }]) => [name, { shape, data: values }] as const,
    )
    return new Map([...tensors, ...tables])
  }

  async embed(images: Uint8Array): Promise<Float32Array> {
    const { backbone, batchSize } = this.#options
    this.#inference ??= await createRuntimeSession(
      inferenceGraph(
        backbone,
        (name) => this.#state.get(`backbone.${name}`)!.data as Float32Array,
        new Map(),
      ),
      this.#runtime,
    )
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
    await this.#step.release()
  }

  async #dropInference(): Promise<void> {
    await this.#inference?.release()
    this.#inference = undefined
  }
}

function scalar(tensor: unknown): number {
  return (tensor as Tensor).data[0] as number
}

/** onnxruntime takes no memory that threads share. */
function ownMemory(data: Float32Array): Float32Array {
  return data.buffer instanceof SharedArrayBuffer ? new Float32Array(data) : data
}
