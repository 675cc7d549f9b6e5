import { createTrainingSession, type TrainingSession } from '../../dist/engines/index.js'
import { namedBackbone, sampleCentres } from '../../dist/network/index.js'

/** What a process is asked to train, on images of noise. */
export interface TrainingBench {
  network: 'mbf' | 'r18' | 'r50'
  batchSize: number
  classes: number
  /** PartialFC: class centres of a step. */
  sampledCentres?: number
  /** Embeddings instead of training steps. */
  embed?: boolean
  /** Every core without it. */
  threads?: number
  /** onnxruntime without it. */
  engine?: 'onnxruntime' | 'tensorflow'
}

export type Request = { create: TrainingBench } | { steps: number }

/** The largest resident set of the process so far, bytes, goes with every answer. */
export interface Answer {
  seconds: number
  peakBytes: number
}

const IMAGE_SIZE = 112

let session: TrainingSession
let bench: TrainingBench
let step = 0

// The entry of a process of its own: its memory is that of one session.
process.on('message', async (request: Request) => {
  const start = performance.now()
  if ('create' in request) await create(request.create)
  else for (let done = 0; done < request.steps; done++) await takeStep()
  const seconds = (performance.now() - start) / 1000
  process.send!({ seconds, peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies Answer)
})

async function create(given: TrainingBench): Promise<void> {
  bench = given
  session = await createTrainingSession({
    backbone: namedBackbone(bench.network, {}, { embeddingSize: 512, imageSize: IMAGE_SIZE }),
    head: {
      margin: { name: 'arcface', m: 0.5 },
      scale: 64,
      marginGradient: 'straight-through',
      interclassFilteringThreshold: 0,
    },
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    seed: 1,
    provider: 'cpu',
    ...bench,
  })
  await takeStep()
  if (bench.sampledCentres === undefined) return
  // As after many steps: memory that was never written to is not resident.
  const momentum = (await session.state()).get('optimizer.head.weight.momentum_buffer')
  momentum?.data.fill(0)
}

async function takeStep(): Promise<void> {
  const { batchSize, classes, sampledCentres: count, embed = false } = bench
  const images = new Uint8Array(batchSize * 3 * IMAGE_SIZE ** 2)
  for (let i = 0; i < images.length; i++) images[i] = Math.imul(i + step, 2654435761) >>> 24
  if (embed) {
    await session.embed(images)
    step++
    return
  }
  const labels = Int32Array.from({ length: batchSize }, (_, i) => {
    return (Math.imul(i + batchSize * step, 2654435761) >>> 0) % classes
  })
  const centres =
    count === undefined ? {} : { centres: sampleCentres({ seed: 1, step, classes, count, labels }) }
  await session.step({ images, labels, learningRate: 0.01, ...centres })
  step++
}
