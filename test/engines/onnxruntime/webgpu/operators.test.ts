import { Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseProvider, findAdapter } from '../../../../src/engines/index.js'
import { FORMS } from '../../../../src/engines/onnxruntime/forms.js'
import { Graph } from '../../../../src/engines/onnxruntime/graph.js'
import { inferenceGraph } from '../../../../src/engines/onnxruntime/inference-graph.js'
import { lower } from '../../../../src/engines/onnxruntime/lowering.js'
import { createRuntimeSession } from '../../../../src/engines/onnxruntime/runtime.js'
import {
  gradientGraph,
  type TrainingGraphOptions,
  trainingGraph,
  updateGraph,
} from '../../../../src/engines/onnxruntime/training-graph.js'
import {
  elementCount,
  iresnet,
  type MarginHead,
  mobilefacenet,
  NodeList,
  parametersOf,
} from '../../../../src/network/index.js'
import type { OnnxModel } from '../../../../src/onnx/index.js'
import { swiftshader, useSwiftshader } from '../../../swiftshader.js'
import { hashedValues } from '../../reference.js'
import { smallBackbone } from './small-run.js'

const imageSize = 32
const head: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const options: TrainingGraphOptions = {
  ...{ backbone: smallBackbone(), head, batchSize: 6, classes: 8, provider: 'webgpu' },
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
}
const adamw = { name: 'adamw', weightDecay: 0.01 } as const

const mbf = mobilefacenet({ blocks: [1, 1, 1, 1], scale: 1, embeddingSize: 32, imageSize })
const r18 = iresnet({ layers: [2, 2, 2, 2], embeddingSize: 32, imageSize })
const weightsOfMbf = (name: string): Float32Array => {
  const { shape } = parametersOf(mbf.nodes).find((parameter) => parameter.name === name)!
  return new Float32Array(elementCount(shape))
}

const graphs: Record<string, OnnxModel> = {
  'MobileFaceNet under ArcFace': trainingGraph({ ...options, backbone: mbf }),
  'IResNet-18 under ArcFace': trainingGraph({ ...options, backbone: r18 }),
  'exact ArcFace with filtered others': trainingGraph({
    ...options,
    head: { ...head, marginGradient: 'exact', interclassFilteringThreshold: 0.4 },
  }),
  'the combined margin': trainingGraph({
    ...options,
    head: { ...head, margin: { name: 'combined', m1: 1.1, m2: 0.3, m3: 0 } },
  }),
  CosFace: trainingGraph({ ...options, head: { ...head, margin: { name: 'cosface', m: 0.4 } } }),
  AdaFace: trainingGraph({
    ...options,
    head: { ...head, margin: { name: 'adaface', m: 0.4, h: 0.333, t_alpha: 0.01 } },
  }),
  AdamW: trainingGraph({ ...options, optimizer: adamw }),
  'accumulating gradients': gradientGraph({ ...options, gradientAccumulation: 2 }),
  'the update of accumulated gradients': updateGraph({ ...options, gradientAccumulation: 2 }),
  'PartialFC on the device': trainingGraph({ ...options, classesOnDevice: 20 }),
  'an embedding': inferenceGraph(mbf, weightsOfMbf, new Map(), { provider: 'webgpu' }),
}

describe.skipIf(swiftshader.skip)(swiftshader.title, { timeout: 600_000 }, () => {
  beforeAll(useSwiftshader)

  it.each(Object.entries(graphs))('has every operator of %s', async (_, model) => {
    const session = await createRuntimeSession(model, { provider: 'webgpu', alone: true })
    expect(session.inputNames.length).toBeGreaterThan(0)
    await session.release()
  })

  it('is refused a graph of which an operator is missing', async () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [4])
    graph.output('y', graph.node('Sign', [x], [4]))
    const model = graph.toModel('sign')
    await expect(createRuntimeSession(model, { provider: 'webgpu', alone: true })).rejects.toThrow(/webgpu/)
  })

  it.each([6, 8, 9])('convolves %i channels as the processor does', async (channels) => {
    const list = new NodeList()
    const shape = { in: channels, out: 8, kernel: 3, stride: 1, padding: 1, groups: 1 }
    list.conv2d('conv', 'images', shape, { deviation: 1 })
    const run = async (provider: 'cpu' | 'webgpu'): Promise<Float32Array> => {
      const graph = new Graph(undefined, FORMS[provider])
      const sizes = { images: [3, channels, 8, 8], weight: [8, channels, 3, 3] }
      const images = graph.input('images', 'float32', sizes.images)
      const parameters = new Map([['conv.weight', graph.input('weight', 'float32', sizes.weight)]])
      const { output } = lower({ graph, training: true, parameters }, list.nodes, { images })
      graph.output('output', output)
      const session = await createRuntimeSession(graph.toModel('convolution'), { provider, threads: 1 })
      const feeds = Object.entries(sizes).map(([name, size], salt) => {
        const values = hashedValues({ shape: size, base: 0, spread: 1 }, salt)
        return [name, new Tensor('float32', values, size)] as const
      })
      const results = await session.run(Object.fromEntries(feeds))
      await session.release()
      return results['output']!.data as Float32Array
    }
    const [expected, actual] = [await run('cpu'), await run('webgpu')]
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4)
    })
  })

  it('is found and named, and auto does not take it', async () => {
    const { adapter } = await findAdapter('webgpu')
    expect(adapter).toMatchObject({ provider: 'webgpu', software: true, driver: 'libvk_swiftshader.so' })
    expect(adapter!.name).toMatch(/SwiftShader/)
    expect(await chooseProvider('auto')).toEqual({ provider: 'cpu' })
    expect(await chooseProvider('webgpu')).toEqual({ provider: 'webgpu', adapter })
  })
})
