import { readFile } from 'node:fs/promises'
import type { StepResult, TrainingBatch, TrainingSession } from '../../src/engines/index.js'
import { silentLog } from '../../src/progress/progress.js'
import { newRunState, type RunState } from '../../src/training/checkpoints/run-state.js'
import type { Batch } from '../../src/training/loading/loader.js'
import { type LoopParts, trainLoop } from '../../src/training/loop.js'
import { createSchedule } from '../../src/training/schedule.js'
import { EventLog } from '../../src/training/watching/event-log.js'
import { LossWatch } from '../../src/training/watching/loss-watch.js'

const STEPS_PER_EPOCH = 5

/** A session whose loss is a function of what it was given: the label of the batch and the rate. */
export class FakeSession implements TrainingSession {
  readonly provider = 'cpu'
  readonly lowering = 'fake'
  readonly rates: number[] = []
  /** Labels of the batches that were prepared and of those of steps, in order; `prepared` where they were the same object. */
  readonly calls: string[] = []
  readonly #prepared = new Set<TrainingBatch>()
  readonly results: (batch: TrainingBatch) => StepResult

  constructor(results = ({ labels }: TrainingBatch) => ({ loss: 1 / (1 + labels[0]!), gradientNorm: 1 })) {
    this.results = results
  }

  prepare(batch: TrainingBatch): void {
    this.#prepared.add(batch)
    this.calls.push(`prepare ${batch.labels[0]}`)
  }

  async step(batch: TrainingBatch): Promise<StepResult> {
    this.calls.push(`step ${batch.labels[0]}${this.#prepared.has(batch) ? ', prepared' : ''}`)
    this.rates.push(batch.learningRate)
    return this.results(batch)
  }

  async load(): Promise<void> {}
  async embed(): Promise<Float32Array> {
    return new Float32Array()
  }
  async state() {
    return new Map()
  }
  async close(): Promise<void> {}
}

export interface Trace {
  verified: number[]
  saved: RunState[]
  lines: Record<string, unknown>[]
  points: Record<string, number>[]
  run: RunState
  error: unknown
}

/** Runs the loop from a state over batches of two images, with what the test sets; `path` is that of its log. */
export async function runLoop(path: string, parts: Partial<LoopParts> = {}, from?: RunState): Promise<Trace> {
  const data = {
    fingerprint: '',
    images: 10,
    classes: 99,
    batchSize: 2,
    seed: 1,
    network: '',
    optimizer: 'sgd',
    gradientAccumulation: 1,
  }
  const run = structuredClone(from ?? newRunState(data, { lowering: 'fake', provider: 'cpu', threads: 1 }))
  const verified: number[] = []
  const saved: RunState[] = []
  const points: Trace['points'] = []
  const eventLog = await EventLog.open(path, 0)
  const schedule = createSchedule({
    images: 10,
    batchSize: 2,
    epochs: 2,
    warmupEpochs: 0,
    rate: 0.1,
    upstreamWarmup: false,
  })
  const error = await trainLoop(
    {
      session: new FakeSession(),
      schedule,
      batches: fakeBatches,
      keysOf: (positions) => Array.from(positions, (position) => 100 + position),
      verify: async (state) => void verified.push(state.step),
      saveCheckpoint: async (state) => void saved.push(structuredClone(state)),
      eventLog,
      curveLog: {
        write: async (atStep, scalars) => void points.push({ step: atStep, ...scalars }),
        sync: async () => {},
      },
      lossWatch: new LossWatch({ classes: 99, scale: 64 }),
      log: silentLog,
      signal: new AbortController().signal,
      lastStep: 10,
      frequent: 3,
      verbose: 4,
      ...parts,
    },
    run,
  ).catch((thrown: unknown) => thrown)
  await eventLog.close()
  const lines = (await readFile(path, 'utf8'))
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  return { verified, saved, lines, points, run, error }
}

export async function* fakeBatches(first: number, end: number): AsyncGenerator<Batch> {
  for (let step = first; step < end; step++) {
    yield {
      step,
      epoch: Math.floor(step / STEPS_PER_EPOCH),
      positions: Uint32Array.of(step, step + 50),
      images: new Uint8Array(),
      labels: Int32Array.of(step, step),
    }
  }
}
