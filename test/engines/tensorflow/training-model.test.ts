import { describe, expect, it } from 'vitest'
import type { ImageLayout } from '../../../src/engines/tensorflow/graph.js'
import { encodeSavedModel } from '../../../src/engines/tensorflow/saved-model/index.js'
import { type TrainingModelOptions, trainingModel } from '../../../src/engines/tensorflow/training-model.js'
import { type MarginHead, mobilefacenet } from '../../../src/network/index.js'
import { readFields } from '../../../src/protobuf/index.js'

const head: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const options: Omit<TrainingModelOptions, 'layout'> = {
  backbone: mobilefacenet({ blocks: [1, 0, 0, 0], scale: 2, embeddingSize: 8, imageSize: 32 }),
  ...{ head, optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 }, batchSize: 4, classes: 5 },
}

function modelOf(layout: ImageLayout, changes: Partial<TrainingModelOptions> = {}) {
  return trainingModel({ ...options, layout, ...changes })
}

describe('the graph of a training run', () => {
  it.each(['NHWC', 'NCHW'] as const)('has convolutions and BatchNorm of images in %s', (layout) => {
    const { nodes } = modelOf(layout)
    const convolutions = nodes.filter(({ op }) => /^(Conv2D|DepthwiseConv2dNative)/.test(op))
    const ops = new Set(convolutions.map(({ op }) => op))
    for (const kind of ['Conv2D', 'DepthwiseConv2dNative']) {
      expect([...ops]).toEqual(
        expect.arrayContaining([kind, `${kind}BackpropInput`, `${kind}BackpropFilter`]),
      )
    }
    for (const { attributes } of convolutions) expect(attributes['data_format']).toBe(layout)
    const padded = convolutions.find(({ attributes }) => attributes['padding'] === 'EXPLICIT')!
    const pads = layout === 'NHWC' ? [0, 0, 1, 1, 1, 1, 0, 0] : [0, 0, 0, 0, 1, 1, 1, 1]
    expect(padded.attributes['explicit_paddings']).toEqual({ integers: pads })
    // That of the embedding normalises vectors, which are channels last on every device.
    const norms = nodes.filter(({ op }) => op === 'FusedBatchNormV3')
    expect(norms.filter(({ attributes }) => attributes['data_format'] !== layout)).toHaveLength(
      layout === 'NHWC' ? 0 : 2,
    )
  })

  it('has forms of its own for a CPU: pairs of channels in blocks, pointwise products, compiled loops', () => {
    const large = {
      backbone: mobilefacenet({ blocks: [1, 0, 0, 0], scale: 2, embeddingSize: 8, imageSize: 112 }),
    }
    const countsOf = (layout: ImageLayout, changes: Partial<TrainingModelOptions>) => {
      const { nodes } = modelOf(layout, changes)
      const count = (test: (node: (typeof nodes)[number]) => boolean) => nodes.filter(test).length
      return {
        products: count(({ op }) => op === 'MatMul'),
        tiles: count(({ op }) => op === 'Tile'),
        compiled: count(({ attributes }) => attributes['_XlaCompile'] === true),
        channelSums: count(({ op }) => op === 'BiasAddGrad'),
      }
    }
    const [cpu, gpu] = [countsOf('NHWC', large), countsOf('NCHW', large)]
    expect(gpu).toMatchObject({ tiles: 1, compiled: 0, channelSums: 0 })
    expect(cpu.tiles).toBe(0)
    expect(cpu.products).toBeGreaterThan(gpu.products)
    expect(cpu.compiled).toBeGreaterThan(0)
    expect(cpu.channelSums).toBeGreaterThan(0)
    // The tail's pointwise convolution stays float32: three products.
    const mixed = { tiles: 1, products: gpu.products + 3 }
    expect(countsOf('NHWC', { ...large, float16: true })).toMatchObject(mixed)
    expect(countsOf('NHWC', {}).compiled).toBe(0)
  })

  it('turns images only where channels come last', () => {
    const turned = (layout: ImageLayout) => {
      const { nodes } = modelOf(layout)
      const readerOf = (value: string, op: string) =>
        nodes.find((node) => node.op === op && node.inputs[0] === value)
      const normalized = ['Cast', 'Sub', 'Mul'].reduce(
        (value, op) => `${readerOf(value, op)?.name}:0`,
        'images:0',
      )
      return nodes.filter(({ op, inputs }) => op === 'Transpose' && inputs[0] === normalized)
    }
    expect(turned('NHWC')).toHaveLength(1)
    expect(turned('NCHW')).toHaveLength(0)
  })

  it('uses every node after the nodes that it needs, under a name of its own', () => {
    const known = new Set<string>()
    for (const { name, inputs } of modelOf('NCHW', { float16: true, sampledCentres: 4 }).nodes) {
      for (const input of inputs)
        expect(known, `${name} of ${input}`).toContain(input.replace(/^\^|:\d+$/g, ''))
      expect(known).not.toContain(name)
      known.add(name)
    }
  })

  it('names its functions, and what a step takes', () => {
    const inputsOf = (changes: Partial<TrainingModelOptions>, name = 'step') => [
      ...modelOf('NHWC', changes).signatures.get(name)!.inputs.keys(),
    ]
    expect([...modelOf('NHWC').signatures.keys()]).toEqual(['load', 'state', 'embed', 'step'])
    expect(inputsOf({})).toEqual(['images', 'labels', 'learning_rate'])
    expect(inputsOf({ sampledCentres: 4, float16: true })).toEqual([
      ...['images', 'labels', 'centres', 'loss_scale', 'learning_rate'],
    ])
    const adamw = { name: 'adamw', weightDecay: 0.1 } as const
    expect(inputsOf({ optimizer: adamw, gradientAccumulation: 2 }, 'update')).toEqual([
      ...['gradient_norm', 'decay', 'step_size', 'second_moment_correction'],
    ])
  })

  it('keeps float32 for the tail, the head, statistics and the optimizer in mixed precision', () => {
    const { nodes } = modelOf('NHWC', { float16: true })
    const typesOf = (op: string) =>
      nodes
        .filter((node) => node.op === op)
        .map(({ attributes }) => (attributes['T'] as { type: string }).type)
    // The last convolution, the global depthwise one, and every one of the embedding's pass.
    expect(typesOf('DepthwiseConv2dNativeBackpropFilter').sort()).toEqual(
      [...typesOf('DepthwiseConv2dNativeBackpropFilter')].map((_, index, all) =>
        index < all.length - 1 ? 'float16' : 'float32',
      ),
    )
    expect(new Set(typesOf('MatMul'))).toEqual(new Set(['float32']))
    expect(new Set(typesOf('ResourceApplyMomentum'))).toEqual(new Set(['float32']))
    const variables = nodes.filter(({ op }) => op === 'VarHandleOp')
    expect(new Set(variables.map(({ attributes }) => JSON.stringify(attributes['dtype'])))).toEqual(
      new Set(['{"type":"float32"}']),
    )
  })
})

describe('a SavedModel', () => {
  it('is a message of one graph tagged serve, with its signatures', () => {
    const bytes = encodeSavedModel(modelOf('NHWC'))
    const fieldsOf = (message: Uint8Array) => [...readFields(message, 'saved_model.pb')]
    const [version, metaGraph] = fieldsOf(bytes)
    expect(version).toMatchObject({ number: 1, integer: 1 })
    const parts = fieldsOf(metaGraph!.bytes)
    expect(parts.map(({ number }) => number)).toEqual([1, 2, 5, 5, 5, 5])
    const [tag] = fieldsOf(parts[0]!.bytes)
    expect(Buffer.from(tag!.bytes).toString()).toBe('serve')
    expect(fieldsOf(parts[1]!.bytes).length).toBe(modelOf('NHWC').nodes.length + 1)
  })
})
