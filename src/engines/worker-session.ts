import { checkBatch, checkImages, checkState, imageLengthOf, stateShapes } from './session-checks.js'
import type { TrainingBatch, TrainingOptions, TrainingSession } from './training-session.js'
import type { WorkerCalls } from './worker-calls.js'

/**
 * The session of a worker thread that hears of batches by `hand`, each with a number, and answers `step`, with such a
 * number, `load`, `embed` and `state`: checks what goes there, and copies it, so that the caller keeps its arrays.
 */
export function workerSession(
  worker: WorkerCalls,
  where: Pick<TrainingSession, 'lowering' | 'provider' | 'device' | 'centres'>,
  options: TrainingOptions,
): TrainingSession {
  const imageLength = imageLengthOf(options.backbone)
  const shapes = stateShapes(options)
  const prepared = new WeakMap<TrainingBatch, number>()
  let lastNumber = 0
  const hand = (batch: TrainingBatch): number => {
    checkBatch(batch, options, imageLength)
    const images = new Uint8Array(batch.images)
    const labels = new Int32Array(batch.labels)
    const { learningRate, centres } = batch
    const number = ++lastNumber
    worker.tell('hand', [number, { images, labels, learningRate, centres }], [images.buffer, labels.buffer])
    return number
  }
  return {
    ...where,
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
    prepare(batch) {
      if (!prepared.has(batch)) prepared.set(batch, hand(batch))
    },
    async step(batch) {
      const number = prepared.get(batch) ?? hand(batch)
      prepared.delete(batch)
      return worker.call('step', [number])
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
