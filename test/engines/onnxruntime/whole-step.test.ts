import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import { nextName, trainingGraph } from '../../../src/engines/onnxruntime/training-graph.js'
import { stateLayout, trainedEntries } from '../../../src/engines/state-layout.js'
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
const optimizer = { name: 'sgd' as const, momentum: 0.9, weightDecay: 5e-4 }

async function createStep(backbone: Backbone, head: MarginHead, block: number | undefined) {
  const layout = stateLayout({ backbone, head, classes, optimizer })
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
