import {
  createTrainingSession,
  type Engine,
  type Provider,
  type TrainingBatch,
} from '../../dist/engines/index.js'
import { namedBackbone, sampleCentres } from '../../dist/network/index.js'
import { type GpuWork, IMAGE_SETS, type Measurement, noise } from './work.js'

/** So few that a slow device has something to show, so many that waiting for the loss is little of it. */
const STEPS_A_ROUND = 3

/** Steps whose shaders are compiled and whose memory is found. */
const WARM_UP = 2

// The entry of a process of its own: prints a measurement a line until it is ended or has done its rounds.
const { work, engine, provider, rounds } = JSON.parse(process.argv[2]!) as {
  work: GpuWork
  engine: Engine
  provider: Provider
  rounds: number
}
const { network, shape = {}, batchSize, classes, sampleRate, float16, imageSize } = work
const count = sampleRate < 1 ? Math.max(batchSize, Math.floor(sampleRate * classes)) : undefined
const session = await createTrainingSession({
  ...{ engine, batchSize, classes, provider, float16, seed: 1 },
  ...(count !== undefined && { sampledCentres: count }),
  backbone: namedBackbone(network, shape, { embeddingSize: 512, imageSize }),
  head: {
    ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
    ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
  },
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
})
const sets = Array.from({ length: IMAGE_SETS }, (_, index) => noise(work, index))

function batchOf(step: number): TrainingBatch {
  const { images, labels } = sets[step % sets.length]!
  const centres = count && sampleCentres({ seed: 1, step, classes, count, labels })
  return { images, labels, learningRate: 0.01, ...(centres && { centres }) }
}

let step = 0
let batch = batchOf(step)

/** As the training loop: the next batch is handed over while this one is worked on. */
async function takeStep(): Promise<number> {
  const running = session.step(batch)
  batch = batchOf(++step)
  session.prepare(batch)
  return (await running).loss
}

for (let done = 0; done < WARM_UP; done++) await takeStep()
for (let round = 0; round < rounds; round++) {
  const start = performance.now()
  let loss = Number.NaN
  for (let done = 0; done < STEPS_A_ROUND; done++) loss = await takeStep()
  const seconds = (performance.now() - start) / 1000
  const measurement: Measurement = { images: STEPS_A_ROUND * batchSize, seconds, loss }
  process.stdout.write(`${JSON.stringify(measurement)}\n`)
}
await session.close()
