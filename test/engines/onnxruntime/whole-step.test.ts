import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import { nextName, trainingGraph } from '../../../src/engines/onnxruntime/training-graph.js'
import { networkParts, stateLayout, trainedEntries } from '../../../src/engines/state-layout.js'
import { type Backbone, iresnet, type MarginHead, mobilefacenet } from '../../../src/network/index.js'
import { fillingOf, hashed, hashedValues, norm } from '../reference.js'
import { lowerings } from './lowerings.js'

const batchSize = 8
const classes = 10
const imageSize = 32
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

async function createStep(backbone: Backbone, head: MarginHead, block: number | undefined) {
  const layout = stateLayout(networkParts(backbone, head, classes), { optimizer })
  const session = await createRuntimeSession(
    trainingGraph({ backbone, head, optimizer, batchSize, classes, block, gradients: true }),
    { provider: 'cpu', threads: 1, optimize: block === undefined },
  )
  const state = new Map(
    layout.map((entry, salt) => {
      const values = hashedValues(fillingOf(entry), salt)
      return [entry.name, entry.kind === 'slot' ? values.fill(0) : values] as const
    }),
  )
  const images = Uint8Array.from(hashed(batchSize * 3 * imageSize ** 2, 1000), (value) => value >>> 24)
  const labels = Int32Array.from(hashed(batchSize, 2000), (value) => value % classes)
  const run = async (values: ReadonlyMap<string, Float32Array>, learningRate = 0) => {
    const feeds: Record<string, Tensor> = {
      images: new Tensor('uint8', images, [batchSize, 3, imageSize, imageSize]),
      labels: new Tensor('int32', labels, [batchSize]),
      learning_rate: new Tensor('float32', [learningRate], []),
    }
    for (const { name, parameter } of layout) {
      feeds[name] = new Tensor('float32', values.get(name)!, parameter.shape)
    }
    const results = await session.run(feeds)
    return (name: string) => results[name]!.data as Float32Array
  }
  return { layout, state, run, release: () => session.release() }
}

const lowered = lowerings.flatMap(([lowering, block]) =>
  cases.map(([title, ...parts]) => [`${title}, ${lowering}`, block, ...parts] as const),
)

describe.each(lowered)('a whole step with %s', (_, block, backbone, head) => {
  it('has the gradient of its loss, by finite differences', async () => {
    const { layout, state, run, release } = await createStep(backbone, head, block)
    const gradients = await run(state)
    const trained = layout.filter(
      ({ kind, parameter }) => kind === 'parameter' && parameter.role === 'trained',
    )
    for (const salt of [3001, 3002, 3003]) {
      // Along the gradient and a random direction together, each tensor in proportion to its own size.
      const directions = trained.map(({ name, parameter: { shape } }, index) => {
        const gradient = gradients(`gradient.${name}`)
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
        return (await run(values))('loss')[0]!
      }
      const numerical = ((await moved(step)) - (await moved(-step))) / (2 * step)
      expect(Math.abs(numerical / analytical - 1)).toBeLessThan(1e-2)
    }
    await release()
  })
})

describe.each(lowerings)('the update of a step, %s', (_, block) => {
  it('clips the backbone to norm 5 and leaves the head, then decays and moves by the momentum', async () => {
    const { layout, state, run, release } = await createStep(mbf, { ...arcface, scale: 64 }, block)
    const results = await run(state, 0.25)
    const backboneNorm = results('gradient_norm')[0]!
    expect(backboneNorm).toBeGreaterThan(5)
    const squares = layout
      .filter(
        ({ name, parameter, kind }) =>
          name.startsWith('backbone.') && kind === 'parameter' && parameter.role === 'trained',
      )
      .map(({ name }) => norm(results(`gradient.${name}`)) ** 2)
    expect(Math.sqrt(squares.reduce((sum, square) => sum + square)) / backboneNorm).toBeCloseTo(1, 5)
    for (const name of ['backbone.layers.0.layers.0.weight', 'head.weight']) {
      const factor = name === 'head.weight' ? 1 : 5 / (backboneNorm + 1e-6)
      const gradient = results(`gradient.${name}`)
      const momentum = results(nextName(`optimizer.${name}.momentum_buffer`))
      const next = results(nextName(name))
      state.get(name)!.forEach((value, i) => {
        expect(momentum[i]!).toBeCloseTo(factor * gradient[i]! + 5e-4 * value, 4)
        expect(next[i]!).toBeCloseTo(value - 0.25 * momentum[i]!, 5)
      })
    }
    await release()
  })

  it('gives a frozen parameter no gradient, no next value and no part in the norm', async () => {
    const { layout, state, run, release } = await createStep(resnet, arcface, block)
    const options = { backbone: resnet, head: arcface, optimizer, batchSize, classes, gradients: true }
    const outputs = trainingGraph(options).outputs.map(({ name }) => name)
    expect(outputs.filter((name) => name.includes('features.weight'))).toEqual([])
    expect(outputs).toContain(nextName('backbone.features.bias'))
    const results = await run(state)
    const squares = trainedEntries(layout)
      .filter(({ name }) => name.startsWith('backbone.'))
      .map(({ name }) => norm(results(`gradient.${name}`)) ** 2)
    const total = Math.sqrt(squares.reduce((sum, square) => sum + square))
    expect(total / results('gradient_norm')[0]!).toBeCloseTo(1, 5)
    await release()
  })
})
