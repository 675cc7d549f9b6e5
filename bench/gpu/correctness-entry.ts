import { createTrainingSession, type Engine, type Provider } from '../../dist/engines/index.js'
import { mobilefacenet } from '../../dist/network/index.js'
import { noise } from './work.js'

const STEPS = 5
const SIZE = { batchSize: 8, classes: 20, imageSize: 32 }

/** What the device's losses may differ by from the processor's, of their size. */
const TOLERANCES = { float32: 1e-3, float16: 5e-2 }

// The entry of a process of its own: five steps of a small network on the device and on the processor.
const { engine, provider, precisions } = JSON.parse(process.argv[2]!) as {
  engine: Engine
  provider: Provider
  precisions: (keyof typeof TOLERANCES)[]
}
// Both of the same operators: the rounding of others is no fault of the device.
process.env['FACEDATA_LOWERING'] = 'portable'

async function losses(on: { engine: Engine; provider: Provider }, float16: boolean): Promise<number[]> {
  const { batchSize, classes, imageSize } = SIZE
  const session = await createTrainingSession({
    ...{ ...on, batchSize, classes, float16, seed: 1 },
    backbone: mobilefacenet({ blocks: [1, 1, 0, 1], scale: 1, embeddingSize: 32, imageSize }),
    head: {
      ...{ margin: { name: 'arcface', m: 0.5 }, scale: 16 },
      ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
    },
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  })
  const found: number[] = []
  const work = { name: '', network: 'mbf', sampleRate: 1, float16, ...SIZE } as const
  // Not a rate that would make two ways of rounding two ways of training.
  const learningRate = 0.001
  for (let step = 0; step < STEPS; step++) {
    found.push((await session.step({ ...noise(work, step), learningRate })).loss)
  }
  await session.close()
  return found
}

const expected = await losses({ engine: 'onnxruntime', provider: 'cpu' }, false)
for (const precision of precisions) {
  const found = await losses({ engine, provider }, precision === 'float16')
  const off = Math.max(...found.map((loss, step) => Math.abs(loss / expected[step]! - 1)))
  const right = off <= TOLERANCES[precision]
  process.stdout.write(`${JSON.stringify({ precision, off, tolerance: TOLERANCES[precision], right })}\n`)
}
