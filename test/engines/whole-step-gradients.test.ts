import { describe, expect, it } from 'vitest'
import { stateLayout, trainedEntries } from '../../src/engines/state-layout.js'
import { type Backbone, iresnet, type MarginHead, mobilefacenet } from '../../src/network/index.js'
import { fillingOf, hashed, hashedValues, norm } from './reference.js'
import { programs } from './step-program.js'

const [batchSize, classes, imageSize] = [8, 10, 32]
const mbf = mobilefacenet({ blocks: [1, 1, 0, 0], scale: 1, embeddingSize: 16, imageSize })
const resnet = iresnet({ layers: [1, 1, 1, 1], embeddingSize: 16, imageSize })
// A small scale, so that the loss is nearly straight over the finite difference.
const arcface: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, scale: 8 },
  ...{ marginGradient: 'exact', interclassFilteringThreshold: 0 },
}
const cases: [string, Backbone, MarginHead][] = [
  ['mbf and ArcFace', mbf, arcface],
  ['mbf and CosFace', mbf, { ...arcface, margin: { name: 'cosface', m: 0.35 } }],
  ['mbf and the combined margin', mbf, { ...arcface, margin: { name: 'combined', m1: 1.1, m2: 0.3, m3: 0 } }],
  ['IResNet and ArcFace', resnet, arcface],
]
const optimizer = { name: 'sgd' as const, momentum: 0.9, weightDecay: 5e-4 }
const batch = {
  images: Uint8Array.from(hashed(batchSize * 3 * imageSize ** 2, 1000), (value) => value >>> 24),
  labels: Int32Array.from(hashed(batchSize, 2000), (value) => value % classes),
  learningRate: 0,
}

const programmed = programs.flatMap(([program, create]) =>
  cases.map(([title, ...parts]) => [`${title}, ${program}`, create, ...parts] as const),
)

describe.each(programmed)('a whole step with %s', (_, create, backbone, head) => {
  it('has the gradient of its loss, by finite differences', async () => {
    const layout = stateLayout({ backbone, head, classes, optimizer })
    const state = new Map(
      layout.map((entry, salt) => {
        const values = hashedValues(fillingOf(entry), salt)
        return [entry.name, entry.kind === 'slot' ? values.fill(0) : values] as const
      }),
    )
    const program = await create({ backbone, head, optimizer, batchSize, classes })
    await program.load(state)
    const { gradients } = await program.step(batch, true)
    for (const salt of [3001, 3002, 3003]) {
      // Along the gradient and a random direction together, each tensor in proportion to its own size.
      const directions = trainedEntries(layout).map(({ name, parameter: { shape } }, index) => {
        const gradient = gradients.get(name)!
        const random = hashedValues({ shape, base: 0, spread: 1 }, salt + 10 * index)
        const size = norm(state.get(name)!)
        const [a, b] = [size / (norm(gradient) + 1e-3), size / norm(random)]
        return { name, gradient, direction: gradient.map((value, i) => a * value + b * random[i]!) }
      })
      const analytical = directions.reduce(
        (sum, { gradient, direction }) =>
          sum + gradient.reduce((part, value, i) => part + value * direction[i]!, 0),
        0,
      )
      const step = 0.01 / Math.abs(analytical)
      const moved = async (distance: number) => {
        const values = new Map(state)
        for (const { name, direction } of directions) {
          values.set(
            name,
            state.get(name)!.map((value, i) => value + distance * direction[i]!),
          )
        }
        await program.load(values)
        return (await program.step(batch)).loss
      }
      const numerical = ((await moved(step)) - (await moved(-step))) / (2 * step)
      expect(Math.abs(numerical / analytical - 1)).toBeLessThan(1e-2)
    }
    await program.close()
  })
})
