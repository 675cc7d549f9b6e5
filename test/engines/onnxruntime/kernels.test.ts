import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { Graph, type Value } from '../../../src/engines/onnxruntime/graph.js'
import { kernels } from '../../../src/engines/onnxruntime/kernels/index.js'
import { lowerBackward, lowerForward } from '../../../src/engines/onnxruntime/lowering.js'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import type { Node, Op } from '../../../src/network/index.js'
import { hashed, hashedValues } from '../reference.js'
import { block } from './lowerings.js'

/** A node on its own: float inputs and parameters around `base`, labels where the op reads them. */
interface Case {
  op: Op
  title: string
  attributes?: object
  inputs: { shape: number[]; base?: number; spread?: number }[]
  parameters?: Record<string, { shape: number[]; base?: number; spread?: number }>
  /** Number of classes: a last input of labels. */
  classes?: number
}

const image = (channels: number, size: number) => ({ shape: [3, channels, size, size] })
const conv = (
  channels: number,
  out: number,
  size: number,
  attributes: { kernel: number; stride: number; padding: number; groups: number },
): Case => ({
  op: 'conv2d',
  title: `conv2d ${channels} to ${out}, ${size} pixels, ${JSON.stringify(attributes)}`,
  attributes,
  inputs: [image(channels, size)],
  parameters: {
    weight: { shape: [out, channels / attributes.groups, attributes.kernel, attributes.kernel] },
  },
})
const vector = (...shape: number[]) => ({ shape })
const batchNorm = (shape: number[], title: string): Case => ({
  op: 'batchNorm',
  title: `batchNorm, ${title}`,
  attributes: { epsilon: 1e-5, momentum: 0.1 },
  inputs: [{ shape, base: 3 }],
  parameters: {
    weight: { shape: [shape[1]!], base: 1, spread: 0.5 },
    bias: { shape: [shape[1]!] },
    running_mean: { shape: [shape[1]!] },
    running_var: { shape: [shape[1]!], base: 1, spread: 0.5 },
    num_batches_tracked: { shape: [], spread: 0 },
  },
})

const cases: Case[] = [
  conv(5, 7, 6, { kernel: 1, stride: 1, padding: 0, groups: 1 }),
  conv(5, 7, 11, { kernel: 1, stride: 1, padding: 0, groups: 1 }),
  conv(3, 8, 9, { kernel: 3, stride: 2, padding: 1, groups: 1 }),
  conv(3, 8, 8, { kernel: 3, stride: 2, padding: 1, groups: 1 }),
  conv(4, 6, 7, { kernel: 3, stride: 1, padding: 1, groups: 1 }),
  conv(6, 4, 8, { kernel: 1, stride: 2, padding: 0, groups: 1 }),
  conv(8, 8, 7, { kernel: 3, stride: 1, padding: 1, groups: 8 }),
  conv(8, 8, 8, { kernel: 3, stride: 2, padding: 1, groups: 8 }),
  conv(8, 8, 7, { kernel: 7, stride: 1, padding: 0, groups: 8 }),
  conv(8, 8, 6, { kernel: 3, stride: 1, padding: 1, groups: 4 }),
  conv(4, 8, 6, { kernel: 3, stride: 1, padding: 1, groups: 4 }),
  batchNorm([4, 5, 3, 3], 'images'),
  batchNorm([8, 5], 'vectors'),
  {
    op: 'prelu',
    title: 'prelu',
    inputs: [image(4, 5)],
    parameters: { weight: { shape: [4], base: 0.5, spread: 1.5 } },
  },
  { op: 'add', title: 'add', inputs: [image(4, 5), image(4, 5)] },
  { op: 'flatten', title: 'flatten', inputs: [image(4, 5)] },
  {
    op: 'linear',
    title: 'linear',
    attributes: { bias: false },
    inputs: [vector(4, 6)],
    parameters: { weight: vector(5, 6) },
  },
  {
    op: 'linear',
    title: 'linear with a bias',
    attributes: { bias: true },
    inputs: [vector(4, 6)],
    parameters: { weight: vector(5, 6), bias: vector(5) },
  },
  { op: 'l2Normalize', title: 'l2Normalize', inputs: [vector(4, 6)] },
  { op: 'l2Norm', title: 'l2Norm', inputs: [vector(4, 6)] },
  { op: 'matmul', title: 'matmul', inputs: [vector(4, 6), vector(5, 6)] },
  {
    op: 'clip',
    title: 'clip, inside and outside',
    attributes: { minimum: -0.5, maximum: 0.5 },
    inputs: [vector(9, 7)],
  },
  { op: 'acos', title: 'acos', inputs: [{ shape: [5, 6], spread: 0.9 }] },
  { op: 'cos', title: 'cos', inputs: [{ shape: [5, 6], base: 1.5, spread: 1.5 }] },
  { op: 'scale', title: 'scale', attributes: { factor: 1.5, offset: -0.25 }, inputs: [vector(4, 6)] },
  {
    op: 'selectAbove',
    title: 'selectAbove',
    attributes: { threshold: 0.1 },
    inputs: [vector(9, 1), vector(9, 1), vector(9, 1)],
  },
  {
    op: 'filterOthers',
    title: 'filterOthers',
    attributes: { threshold: 0.2 },
    inputs: [vector(5, 7)],
    classes: 7,
  },
  { op: 'selectLabel', title: 'selectLabel', inputs: [vector(5, 7)], classes: 7 },
  { op: 'replaceLabel', title: 'replaceLabel', inputs: [vector(5, 7), vector(5, 1)], classes: 7 },
  {
    op: 'standardize',
    title: 'standardize, the batch without weight in the statistics',
    attributes: { momentum: 0, epsilon: 1e-3 },
    inputs: [vector(6, 1)],
    parameters: { mean: { shape: [1] }, deviation: { shape: [1], base: 2 } },
  },
  {
    op: 'softmaxCrossEntropy',
    title: 'softmaxCrossEntropy',
    inputs: [{ shape: [5, 7], spread: 4 }],
    classes: 7,
  },
]

/** The node's output, weighted and summed, with its gradients by everything that is float. */
async function build(test: Case, block?: number) {
  const graph = new Graph(block)
  const floats = new Map<string, { shape: readonly number[]; values: Float32Array }>()
  const declare = (
    name: string,
    { shape, base = 0, spread = 1 }: { shape: number[]; base?: number; spread?: number },
  ) => {
    floats.set(name, { shape, values: hashedValues({ shape, base, spread }, floats.size) })
    return graph.input(name, 'float32', shape)
  }
  const inputs: Record<string, Value> = {}
  test.inputs.forEach((input, index) => {
    inputs[`input${index}`] = declare(`input${index}`, input)
  })
  const batch = test.inputs[0]!.shape[0]!
  if (test.classes !== undefined) inputs['labels'] = graph.input('labels', 'int32', [batch])
  const parameters = new Map<string, Value>()
  for (const [name, parameter] of Object.entries(test.parameters ?? {})) {
    parameters.set(`node.${name}`, declare(`node.${name}`, parameter))
  }
  const node = {
    ...{ name: 'node', op: test.op, inputs: Object.keys(inputs) },
    attributes: test.attributes ?? {},
    parameters: Object.entries(test.parameters ?? {}).map(([name, { shape }]) => ({
      name: `node.${name}`,
      shape,
    })),
  } as unknown as Node
  const lowering = { graph, training: true, parameters }
  const forward = lowerForward(lowering, [node], inputs)
  const weights = graph.input('weights', 'float32', forward.output.shape)
  const gradients = lowerBackward(lowering, forward, weights)
  graph.output('output', forward.output)
  const found = [...gradients.inputs, ...gradients.parameters]
  for (const [name, value] of found) graph.output(`gradient.${name}`, value)
  const model = graph.toModel('kernel')
  const session = await createRuntimeSession(model, {
    ...{ provider: 'cpu', threads: 1 },
    optimize: block === undefined,
  })

  const { shape } = forward.output
  const weightValues = hashedValues({ shape, base: 0, spread: 1 }, 90)
  const labels = Int32Array.from(hashed(batch, 91), (value) => value % (test.classes ?? 1))
  const run = async (values: (name: string) => Float32Array) => {
    const feeds: Record<string, Tensor> = { weights: new Tensor('float32', weightValues, shape) }
    for (const [name, float] of floats) feeds[name] = new Tensor('float32', values(name), float.shape)
    if (test.classes !== undefined) feeds['labels'] = new Tensor('int32', labels, [batch])
    return session.run(feeds)
  }
  return { model, floats, names: found.map(([name]) => name), weightValues, run }
}

/** The gradients along a direction against two forward passes. */
async function compareWithDifferences(test: Case, built: Awaited<ReturnType<typeof build>>): Promise<void> {
  const { floats, names, weightValues, run } = built
  const original = (name: string) => floats.get(name)!.values
  const results = await run(original)
  for (const name of names) {
    const { shape, values } = floats.get(name)!
    const gradient = results[`gradient.${name}`]!.data as Float32Array
    expect(gradient.length, name).toBe(values.length)
    const direction = directionAwayFromKinks(test, hashedValues({ shape, base: 0, spread: 1 }, 92), values)
    const moved = async (step: number) => {
      const shifted = values.map((value, i) => value + step * direction[i]!)
      const output = (await run((other) => (other === name ? shifted : original(other))))['output']!
      return (output.data as Float32Array).reduce((sum, value, i) => sum + value * weightValues[i]!, 0)
    }
    const numerical = ((await moved(STEP)) - (await moved(-STEP))) / (2 * STEP)
    const analytical = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0)
    expect(Math.abs(analytical - numerical), name).toBeLessThan(1e-2 * Math.abs(numerical) + 1e-4)
  }
}

const STEP = 1e-2

describe('finite differences', () => {
  it.each(cases.map((test) => [test.title, test] as const))('%s', async (_, test) => {
    await compareWithDifferences(test, await build(test))
  })

  it('covers every op that has a derivative', () => {
    const covered = new Set(cases.map(({ op }) => op))
    const without = Object.keys(kernels).filter((op) => !covered.has(op as Op))
    // The parameter is its own value; straight-through and detach give no derivative, by their definitions.
    expect(without.sort()).toEqual(['detach', 'parameter', 'straightThrough'])
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
    const domains = built.model.nodes.filter(({ op }) => op === 'Conv').map(({ domain }) => domain)
    expect(new Set(domains)).toEqual(new Set(['com.microsoft.nchwc']))
    await compareWithDifferences(test, built)
  })
})

/** Ops with a kink are not moved over it: elements nearer than the step stay. */
function directionAwayFromKinks(
  { op, attributes }: Case,
  direction: Float32Array,
  values: Float32Array,
): Float32Array {
  const limits = (attributes ?? {}) as { minimum?: number; maximum?: number; threshold?: number }
  const kinks =
    op === 'prelu'
      ? [0]
      : [limits.minimum, limits.maximum, limits.threshold].filter((kink) => kink !== undefined)
  return direction.map((value, i) =>
    kinks.some((kink) => Math.abs(values[i]! - kink) <= 2 * STEP) ? 0 : value,
  )
}

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
    const { buffers } = lowerForward(lowering, [node], { x: graph.input('x', 'float32', shape) })
    graph.output('variance', buffers.get('n.running_var')!)
    const session = await createRuntimeSession(graph.toModel('norm'), { provider: 'cpu', threads: 1 })
    const values = hashedValues({ shape, base: 3000, spread: 0.5 }, 0)
    const results = await session.run({ x: new Tensor('float32', values, shape) })
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const unbiased = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
    expect((results['variance']!.data[0] as number) / unbiased).toBeCloseTo(1, 3)
  })
})
