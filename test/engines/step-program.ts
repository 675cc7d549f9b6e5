import { Tensor } from 'onnxruntime-node'
import { createRuntimeSession } from '../../src/engines/onnxruntime/runtime.js'
import {
  nextName,
  type TrainingGraphOptions,
  trainingGraph,
} from '../../src/engines/onnxruntime/training-graph.js'
import { stateLayout, trainedEntries } from '../../src/engines/state-layout.js'
import { openTensorFlow } from '../../src/engines/tensorflow/addon/open-tensorflow.js'
import { SavedModelSession } from '../../src/engines/tensorflow/saved-model-session.js'
import { trainingModel } from '../../src/engines/tensorflow/training-model.js'
import { tensorflowMissing } from './engines.js'
import { lowerings } from './onnxruntime/lowerings.js'

export interface ProgramBatch {
  images: Uint8Array
  labels: Int32Array
  learningRate: number
}

/** The graph of a whole training step, with its gradients, which a session does not give. */
export interface StepProgram {
  load(state: ReadonlyMap<string, Float32Array>): Promise<void>
  step(
    batch: ProgramBatch,
    withGradients?: boolean,
  ): Promise<{ loss: number; gradientNorm: number; gradients: ReadonlyMap<string, Float32Array> }>
  state(): Promise<ReadonlyMap<string, Float32Array>>
  close(): Promise<void>
}

export type CreateProgram = (options: TrainingGraphOptions) => Promise<StepProgram>

/** Every lowering of every engine of this machine by name. */
export const programs: readonly [title: string, create: CreateProgram][] = [
  ...lowerings.map(([name, block]): [string, CreateProgram] => [
    name,
    (options) => onnxruntimeProgram({ ...options, block }),
  ]),
  ...(tensorflowMissing ? [] : [['tensorflow', tensorflowProgram] as [string, CreateProgram]]),
]

async function onnxruntimeProgram(options: TrainingGraphOptions): Promise<StepProgram> {
  const { backbone, batchSize, block } = options
  const layout = stateLayout(options)
  const session = await createRuntimeSession(trainingGraph({ ...options, gradients: true }), {
    ...{ provider: 'cpu', threads: 2 },
    optimize: block === undefined,
  })
  const feeds: Record<string, Tensor> = {}
  return {
    async load(state) {
      for (const { name, parameter } of layout) {
        const values = state.get(name)
        if (values !== undefined) feeds[name] = new Tensor('float32', values, parameter.shape)
      }
    },
    async step({ images, labels, learningRate }, withGradients = false) {
      const results = await session.run({
        ...feeds,
        images: new Tensor('uint8', images, [
          batchSize,
          3,
          backbone.inputSize.height,
          backbone.inputSize.width,
        ]),
        labels: new Tensor('int32', labels, [batchSize]),
        learning_rate: new Tensor('float32', [learningRate], []),
      })
      // A frozen parameter has no next value.
      for (const name of Object.keys(feeds)) feeds[name] = (results[nextName(name)] as Tensor) ?? feeds[name]!
      const floats = (name: string) => results[name]!.data as Float32Array
      const gradients = Object.keys(results).filter((name) => withGradients && name.startsWith('gradient.'))
      return {
        loss: floats('loss')[0]!,
        gradientNorm: floats('gradient_norm')[0]!,
        gradients: new Map(gradients.map((name) => [name.slice('gradient.'.length), floats(name)])),
      }
    },
    async state() {
      return new Map(Object.entries(feeds).map(([name, { data }]) => [name, data as Float32Array]))
    },
    close: () => session.release(),
  }
}

async function tensorflowProgram(options: TrainingGraphOptions): Promise<StepProgram> {
  const layout = stateLayout(options)
  const model = trainingModel({ ...options, layout: 'NHWC', gradients: true })
  const session = await SavedModelSession.create(openTensorFlow().binding, model)
  const names = layout.map(({ name }) => name)
  const trained = trainedEntries(layout).map(({ name }) => name)
  return {
    async load(state) {
      session.run('load', Object.fromEntries(state), [...state.keys()])
    },
    async step({ images, labels, learningRate }, withGradients = false) {
      const batch = { images, labels }
      const gradients = withGradients ? session.run('gradients', batch, trained) : {}
      const rate = Float32Array.of(learningRate)
      const results = session.run('step', { ...batch, learning_rate: rate }, ['loss', 'gradient_norm'])
      return {
        loss: results.loss[0]!,
        gradientNorm: results.gradient_norm[0]!,
        gradients: new Map(Object.entries(gradients as Record<string, Float32Array>)),
      }
    },
    async state() {
      return new Map(Object.entries(session.run('state', {}, names) as Record<string, Float32Array>))
    },
    close: async () => session.close(),
  }
}
