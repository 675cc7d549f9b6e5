import { describe, expect, it } from 'vitest'
import { createTrainingSession, type Engine, type TrainingSession } from '../../src/engines/index.js'
import { type Backbone, iresnet, type MarginHead, mobilefacenet } from '../../src/network/index.js'
import { NEEDS_TENSORFLOW, tensorflowMissing } from './engines.js'
import { distance, hashed, norm } from './reference.js'

const [batchSize, classes, imageSize] = [6, 8, 32]
const head: MarginHead = {
  ...{ margin: { name: 'adaface', m: 0.4, h: 0.333, t_alpha: 0.3 }, scale: 16 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0.4 },
}
const mbf = mobilefacenet({ blocks: [1, 1, 0, 0], scale: 2, embeddingSize: 16, imageSize })
const resnet = iresnet({ layers: [1, 1, 1, 1], embeddingSize: 16, imageSize })

function batchOf(step: number) {
  const images = Uint8Array.from(hashed(batchSize * 3 * imageSize ** 2, 50 + step), (value) => value >>> 24)
  const labels = Int32Array.from(hashed(batchSize, step), (value) => value % classes)
  return { images, labels, learningRate: 0.01 }
}

async function train(session: TrainingSession, from: number, to: number): Promise<number[]> {
  const losses: number[] = []
  for (let step = from; step < to; step++) losses.push((await session.step(batchOf(step))).loss)
  return losses
}

const title = tensorflowMissing ? `a change of engine (${NEEDS_TENSORFLOW})` : 'a change of engine'

describe.skipIf(tensorflowMissing)(title, () => {
  const create = (engine: Engine, backbone: Backbone, seed: number) =>
    createTrainingSession({
      ...{ engine, backbone, head, batchSize, classes, seed, provider: 'cpu', threads: 1 },
      ...{ optimizer: { name: 'adamw', weightDecay: 0.05 }, gradientAccumulation: 2 },
    })

  it.each([
    ['onnxruntime', 'tensorflow', 'a MobileFaceNet', mbf],
    ['tensorflow', 'onnxruntime', 'an IResNet', resnet],
  ] as const)(
    'from %s to %s leaves %s as it would be without, but for rounding',
    async (from, to, _, backbone) => {
      const first = await create(from, backbone, 1)
      await train(first, 0, 3)
      const second = await create(to, backbone, 2)
      await second.load(await first.state())
      const { images } = batchOf(9)
      const [expected, embedded] = [await first.embed(images), await second.embed(images)]
      expect(distance(embedded, expected)).toBeLessThan(1e-5 * norm(expected))
      const [ours, theirs] = [await train(second, 3, 7), await train(first, 3, 7)]
      ours.forEach((loss, index) => {
        expect(Math.abs(loss / theirs[index]! - 1)).toBeLessThan(1e-3)
      })
      expect([...(await second.state()).keys()]).toEqual([...(await first.state()).keys()])
      await first.close()
      await second.close()
    },
  )
})
