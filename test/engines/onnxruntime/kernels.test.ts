import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { Graph, type Value } from '../../../src/engines/onnxruntime/graph.js'
import { kernels } from '../../../src/engines/onnxruntime/kernels/index.js'
import { lower } from '../../../src/engines/onnxruntime/lowering.js'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import {
  compareWithDifferences,
  floatsOf,
  labelsOf,
  type NodeProgram,
  weightsOf,
} from '../finite-differences.js'
import { type Case, cases, conv, nodeOf, WITHOUT_DERIVATIVE } from '../kernel-cases.js'
import { hashedValues } from '../reference.js'
import { block } from './lowerings.js'

async function build(
  test: Case,
  block?: number,
): Promise<NodeProgram & { convolutions: (string | undefined)[] }> {
  const graph = new Graph(block)
  const floats = floatsOf(test)
  const labels = labelsOf(test)
  const inputs: Record<string, Value> = {}
  const parameters = new Map<string, Value>()
  for (const [name, { shape }] of floats) {
    const value = graph.input(name, 'float32', shape)
    if (name.startsWith('node.')) parameters.set(name, value)
    else inputs[name] = value
  }
  if (test.classes !== undefined) inputs['labels'] = graph.input('labels', 'int32', [labels.length])
  const lowering = { graph, training: true, parameters }
  const forward = lower(lowering, [nodeOf(test)], inputs)
  const { shape } = forward.output
  const gradients = forward.backward(graph.input('weights', 'float32', shape))
  graph.output('output', forward.output)
  const found = [...gradients.inputs, ...gradients.parameters]
  for (const [name, value] of found) graph.output(`gradient.${name}`, value)
  const model = graph.toModel('kernel')
  const session = await createRuntimeSession(model, {
    ...{ provider: 'cpu', threads: 1 },
    optimize: block === undefined,
  })
  return {
    outputShape: shape,
    names: found.map(([name]) => name),
    convolutions: model.nodes.filter(({ op }) => op === 'Conv').map(({ domain }) => domain),
    async run(values) {
      const feeds: Record<string, Tensor> = { weights: new Tensor('float32', weightsOf(shape), shape) }
      for (const [name, float] of floats) feeds[name] = new Tensor('float32', values(name), float.shape)
      if (test.classes !== undefined) feeds['labels'] = new Tensor('int32', labels, [labels.length])
      const results = await session.run(feeds)
      const floatsOf = (name: string) => results[name]!.data as Float32Array
      return { output: floatsOf('output'), gradient: (name) => floatsOf(`gradient.${name}`) }
    },
  }
}

describe('finite differences', () => {
  it.each(cases.map((test) => [test.title, test] as const))('%s', async (_, test) => {
    await compareWithDifferences(test, await build(test))
  })

  it('covers every op that has a derivative', () => {
    const covered = new Set<string>(cases.map(({ op }) => op))
    const without = Object.keys(kernels).filter((op) => !covered.has(op))
    expect(without.sort()).toEqual(WITHOUT_DERIVATIVE)
  })
})

/** Channels that fill blocks: each kernel but that of the network's input. The batch of 16 makes channels of images. */
const blockedCases: Case[] = [
  conv(32, 16, 6, { kernel: 1, stride: 1, padding: 0, groups: 1 }),
  conv(16, 32, 11, { kernel: 1, stride: 1, padding: 0, groups: 1 }),
  conv(16, 32, 8, { kernel: 1, stride: 2, padding: 0, groups: 1 }),
  conv(16, 32, 7, { kernel: 3, stride: 1, padding: 1, groups: 1 }),
  conv(16, 16, 8, { kernel: 3, stride: 2, padding: 1, groups: 1 }),
  conv(16, 16, 9, { kernel: 3, stride: 2, padding: 1, groups: 1 }),
  {
    ...conv(16, 16, 6, { kernel: 3, stride: 1, padding: 1, groups: 1 }),
    inputs: [{ shape: [16, 16, 6, 6] }],
  },
  {
    ...conv(16, 16, 6, { kernel: 3, stride: 2, padding: 1, groups: 1 }),
    inputs: [{ shape: [16, 16, 6, 6] }],
  },
  conv(16, 16, 7, { kernel: 3, stride: 1, padding: 1, groups: 16 }),
  conv(16, 16, 8, { kernel: 3, stride: 2, padding: 1, groups: 16 }),
  conv(16, 16, 7, { kernel: 7, stride: 1, padding: 0, groups: 16 }),
  conv(16, 16, 6, { kernel: 3, stride: 1, padding: 1, groups: 8 }),
]

describe.skipIf(block === undefined)('finite differences in blocks', () => {
  it.each(blockedCases.map((test) => [test.title, test] as const))('%s', async (_, test) => {
    const built = await build(test, block)
    expect(new Set(built.convolutions)).toEqual(new Set(['com.microsoft.nchwc']))
    await compareWithDifferences(test, built)
  })
})

describe('batchNorm', () => {
  it('has the variance of values that are far from zero', async () => {
    const graph = new Graph()
    const shape = [4, 1, 8, 8]
    const lowering = { graph, training: true, parameters: new Map<string, Value>() }
    const node = {
      name: 'n',
      op: 'batchNorm',
      inputs: ['x'],
      attributes: { epsilon: 1e-5, momentum: 1 },
      parameters: [],
    } as const
    for (const name of ['weight', 'bias', 'running_mean', 'running_var']) {
      lowering.parameters.set(`n.${name}`, graph.filled(1, name === 'weight' ? 1 : 0))
    }
    lowering.parameters.set('n.num_batches_tracked', graph.constant(0))
    const { buffers } = lower(lowering, [node], { x: graph.input('x', 'float32', shape) })
    graph.output('variance', buffers.get('n.running_var')!)
    const session = await createRuntimeSession(graph.toModel('norm'), { provider: 'cpu', threads: 1 })
    const values = hashedValues({ shape, base: 3000, spread: 0.5 }, 0)
    const results = await session.run({ x: new Tensor('float32', values, shape) })
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const unbiased = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
    expect((results['variance']!.data[0] as number) / unbiased).toBeCloseTo(1, 3)
  })
})
