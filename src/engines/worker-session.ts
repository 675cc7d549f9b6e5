import { checkBatch, checkImages, checkState, imageLengthOf, stateShapes } from './session-checks.js'
import type {
  State,
  StepResult,
  TrainingBatch,
  TrainingOptions,
  TrainingSession,
} from './training-session.js'
import { answerCalls, type WorkerCalls } from './worker-calls.js'

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

/** A training session in the worker thread itself, where every call blocks while the engine works. */
export interface WorkerRun {
  /** The batch of a step to come. */
  hand(number: number, batch: TrainingBatch): void
  /** On the batch of this number. */
  step(number: number): StepResult | Promise<StepResult>
  load(state: State): void | Promise<void>
  state(): State | Promise<State>
  embed(images: Uint8Array): Float32Array | Promise<Float32Array>
  close(): void | Promise<void>
}

/** In the worker thread: answers a `workerSession` with the run that the worker's `create` call makes. */
export function answerSession<Parameters extends never[], Answer>(
  create: (...parameters: Parameters) => Promise<{ run: WorkerRun; answer: Answer }>,
): void {
  let run: WorkerRun | undefined
  const current = (): WorkerRun => {
    if (run === undefined) throw new Error('training was not created')
    return run
  }
  answerCalls({
    create: async (...parameters: Parameters) => {
      const created = await create(...parameters)
      run = created.run
      return created.answer
    },
    hand: (number: number, batch: TrainingBatch) => current().hand(number, batch),
    step: (number: number) => current().step(number),
    load: (state: State) => current().load(state),
    state: () => current().state(),
    embed: (images: Uint8Array) => current().embed(images),
    close: () => run?.close(),
  })
}
