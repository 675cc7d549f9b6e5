import { UsageError } from '../../errors/index.js'
import type { State, TrainingBatch, TrainingOptions, TrainingSession } from '../training-session.js'
import { chooseLowering } from './lowering-choice.js'
import { networkParts, stateLayout } from './state-layout.js'
import { WorkerCalls } from './worker-calls.js'

const ENTRY = new URL('../../../dist/engines/onnxruntime/training-worker.js', import.meta.url)

/**
 * A training session on onnxruntime in a thread of its own, its weights initialised from the seed.
 * @throws FacedataError where the runtime cannot run the step, such as for a provider that this machine lacks
 */
export async function createTrainingSession(options: TrainingOptions): Promise<TrainingSession> {
  const { backbone, batchSize, classes, sampledCentres, gradientAccumulation = 1 } = options
  if (!Number.isInteger(batchSize) || batchSize < 2) {
    throw new UsageError(`batch_size must be a whole number from 2 on, not ${batchSize}`)
  }
  if (!Number.isInteger(classes) || classes < 1) {
    throw new UsageError(`training needs at least one identity, not ${classes}`)
  }
  if (!Number.isInteger(gradientAccumulation) || gradientAccumulation < 1) {
    throw new UsageError(`gradient_acc must be a whole number from 1 on, not ${gradientAccumulation}`)
  }
  if (sampledCentres !== undefined && !(sampledCentres >= 1 && sampledCentres <= classes)) {
    throw new UsageError(`a step can work with 1 to ${classes} class centres, not ${sampledCentres}`)
  }
  const imageLength = 3 * backbone.inputSize.height * backbone.inputSize.width
  const shapes = stateShapes(options)
  const lowering = await chooseLowering(options.provider ?? 'auto')
  const worker = new WorkerCalls(ENTRY)
  try {
    await worker.call('create', [options, lowering])
  } catch (error) {
    await worker.close()
    throw error
  }
  return {
    lowering: `onnxruntime ${lowering.name}`,
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
      if (images.length % imageLength !== 0) {
        throw new UsageError(`embed: ${images.length} bytes are no whole number of images of ${imageLength}`)
      }
      const copy = new Uint8Array(images)
      return worker.call('embed', [copy], [copy.buffer])
    },
    state: () => worker.call('state'),
    close: () => worker.close(),
  }
}

/** Names and shapes of every tensor in the state of such a session. */
export function stateShapes(options: TrainingOptions): Map<string, readonly number[]> {
  const { backbone, head, classes } = options
  const layout = stateLayout(networkParts(backbone, head, classes), options)
  return new Map(layout.map(({ name, parameter }) => [name, parameter.shape]))
}

function checkState(state: State, shapes: ReadonlyMap<string, readonly number[]>): void {
  for (const [name, { shape, data }] of state) {
    const expected = shapes.get(name)
    if (expected === undefined) throw new UsageError(`state: the network has no ${name}`)
    const count = expected.reduce((product, size) => product * size, 1)
    if (`${shape}` !== `${expected}` || data.length !== count) {
      throw new UsageError(
        `state: ${name} must have shape [${expected}], ${count} values; it has [${shape}], ${data.length} values`,
      )
    }
  }
}

function checkBatch(
  { images, labels, centres }: TrainingBatch,
  { batchSize, classes, sampledCentres }: TrainingOptions,
  imageLength: number,
): void {
  if (images.length !== batchSize * imageLength || labels.length !== batchSize) {
    throw new UsageError(
      `step: a batch must be ${batchSize} images of ${imageLength} bytes and as many labels; ` +
        `it is ${images.length} bytes and ${labels.length} labels`,
    )
  }
  const outside = labels.find((label) => label < 0 || label >= classes)
  if (outside !== undefined) {
    throw new UsageError(`step: label ${outside} is outside the ${classes} identities of the head`)
  }
  if (centres?.length !== sampledCentres) {
    throw new UsageError(
      `step: the session works with ${sampledCentres ?? 'all'} class centres a step; ` +
        `the batch names ${centres?.length ?? 'none'}`,
    )
  }
  const disordered = centres?.findIndex((centre, index) => {
    return centre <= (index === 0 ? -1 : centres[index - 1]!) || centre >= classes
  })
  if (disordered !== undefined && disordered !== -1) {
    throw new UsageError(
      `step: class centres must ascend from 0 to ${classes - 1}; number ${disordered} is ${centres![disordered]}`,
    )
  }
}
