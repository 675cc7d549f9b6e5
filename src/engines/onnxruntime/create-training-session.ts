import {
  checkBatch,
  checkImages,
  checkOptions,
  checkState,
  imageLengthOf,
  stateShapes,
} from '../session-checks.js'
import type { TrainingOptions, TrainingSession } from '../training-session.js'
import { WorkerCalls } from '../worker-calls.js'
import type { Execution } from './execution.js'
import { chooseLowering, PORTABLE } from './lowering-choice.js'
import { chooseProvider } from './provider-choice.js'

const ENTRY = new URL('../../../dist/engines/onnxruntime/training-worker.js', import.meta.url)

/**
 * A training session on onnxruntime in a thread of its own, its weights initialised from the seed.
 * @throws FacedataError where the runtime cannot run the step, such as for a provider that this machine lacks
 */
export async function createTrainingSession(options: TrainingOptions): Promise<TrainingSession> {
  checkOptions(options)
  const imageLength = imageLengthOf(options.backbone)
  const shapes = stateShapes(options)
  const { provider, adapter } = await chooseProvider(options.provider ?? 'auto')
  const { name, block } = options.float16 ? PORTABLE : await chooseLowering(provider)
  const execution: Execution = { provider, block }
  const worker = new WorkerCalls(ENTRY)
  try {
    await worker.call('create', [options, execution])
  } catch (error) {
    await worker.close()
    throw error
  }
  return {
    lowering: `onnxruntime ${name}${options.float16 ? ' float16' : ''}`,
    provider,
    device: adapter?.name,
    async load(state) {
      checkState(state, shapes)
      // A view would take all of its buffer along, such as the file that holds every tensor.
      const tensors = [...state].map(([name, { shape, data }]) => {
        const own = data.buffer instanceof SharedArrayBuffer ? data : new Float32Array(data)
        return [name, { shape: [...shape], data: own }] as const
      })
      const moved = tensors.flatMap(([, { data }]) =>
        data.buffer instanceof ArrayBuffer ? [data.buffer] : [],
      )
      await worker.call('load', [new Map(tensors)], moved)
    },
    async step(batch) {
      checkBatch(batch, options, imageLength)
      const images = new Uint8Array(batch.images)
      const labels = new Int32Array(batch.labels)
      const { learningRate, centres } = batch
      return worker.call('step', [{ images, labels, learningRate, centres }], [images.buffer, labels.buffer])
    },
    async embed(images) {
      checkImages(images, imageLength)
      const copy = new Uint8Array(images)
      return worker.call('embed', [copy], [copy.buffer])
    },
    state: () => worker.call('state'),
    close: () => worker.close(),
  }
}
