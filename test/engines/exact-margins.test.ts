import { describe, expect, it } from 'vitest'
import { stateLayout } from '../../src/engines/state-layout.js'
import { type MarginHead, mobilefacenet } from '../../src/network/index.js'
import { distance, fillingOf, hashed, hashedValues, norm } from './reference.js'
import { type CreateProgram, programs } from './step-program.js'

const backbone = mobilefacenet({ blocks: [1, 0, 0, 0], scale: 1, embeddingSize: 8, imageSize: 16 })
const [batchSize, classes] = [6, 9]
const optimizer = { name: 'sgd', momentum: 0.9, weightDecay: 0 } as const
const base: MarginHead = {
  ...{ margin: { name: 'arcface', m: 1.6 }, scale: 16 },
  ...{ marginGradient: 'exact', interclassFilteringThreshold: 0.3 },
}
const heads: Record<string, MarginHead> = {
  // So wide that some angles are past pi - m, where the exact form continues as a line.
  ArcFace: base,
  'the combined margin': { ...base, margin: { name: 'combined', m1: 1.2, m2: 0.3, m3: 0.1 } },
}

async function firstStep(create: CreateProgram, head: MarginHead) {
  const layout = stateLayout({ backbone, head, classes, optimizer })
  const program = await create({ backbone, head, optimizer, batchSize, classes })
  const start = layout.map((entry, salt): [string, Float32Array] => {
    const values = hashedValues(fillingOf(entry), salt)
    return [entry.name, entry.kind === 'slot' ? values.fill(0) : values]
  })
  await program.load(new Map(start))
  const images = Uint8Array.from(hashed(batchSize * 3 * 16 ** 2, 1000), (value) => value >>> 24)
  const labels = Int32Array.from(hashed(batchSize, 2000), (value) => value % classes)
  const result = await program.step({ images, labels, learningRate: 0 }, true)
  await program.close()
  return result
}

const [portable, ...others] = programs

describe.each(others)('%s', (_, create) => {
  it.each(Object.entries(heads))(
    "has the portable lowering's loss and gradients of %s with its exact derivative",
    async (_, head) => {
      const [actual, expected] = [await firstStep(create, head), await firstStep(portable![1], head)]
      expect(actual.loss / expected.loss).toBeCloseTo(1, 5)
      for (const name of [
        'head.weight',
        'backbone.features.layers.2.weight',
        'backbone.layers.0.layers.0.weight',
      ]) {
        const gradient = expected.gradients.get(name)!
        expect(distance(actual.gradients.get(name)!, gradient), name).toBeLessThan(2e-3 * norm(gradient))
      }
    },
  )
})
