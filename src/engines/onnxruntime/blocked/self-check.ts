import { Tensor } from 'onnxruntime-node'
import { initialValues, type Node, NodeList, parametersOf } from '../../../network/index.js'
import { Graph, type Value } from '../graph.js'
import { lower } from '../lowering.js'
import { createRuntimeSession } from '../runtime.js'

/** Of the norm of each tensor: rounding makes 1e-6 of it, another order of the channels all of it. */
const TOLERANCE = 1e-2

/** A whole number of the largest blocks, and a batch that takes the other ways. */
const CHANNELS = 32
const BATCHES = [16, 3]

/**
 * Whether a network with every blocked kernel has the output and the gradients of the portable lowering, in blocks of so
 * many channels. The operators are internal to the runtime: they are believed where they compute what they should.
 */
export async function computesAsPortable(block: number): Promise<boolean> {
  for (const batch of BATCHES) {
    const expected = await tensorsOf(batch, undefined)
    const actual = await tensorsOf(batch, block)
    for (const [name, values] of actual) if (!isNear(values, expected.get(name)!)) return false
  }
  return true
}

function network(): readonly Node[] {
  const list = new NodeList()
  const conv = (name: string, input: string, kernel: number, stride = 1, groups = 1): string => {
    const channels = { in: input === 'images' ? 3 : CHANNELS, out: CHANNELS }
    const shape = { ...channels, kernel, stride, padding: (kernel - 1) / 2, groups }
    return list.batchNorm(`${name}.norm`, list.conv2d(name, input, shape, { deviation: 0.1 }), CHANNELS)
  }
  let x = list.prelu('stem.prelu', conv('stem', 'images', 3, 2), CHANNELS)
  x = list.operation('add', 'sum', [x, conv('dense', x, 3)], {})
  x = list.prelu('pairs.prelu', conv('pairs', x, 3, 1, CHANNELS / 2), CHANNELS)
  x = list.operation('add', 'halved', [conv('strided', x, 3, 2), conv('shortcut', x, 1, 2)], {})
  x = conv('pointwise', conv('depthwise', x, 3, 1, CHANNELS), 1)
  x = conv('depthwise halved', x, 3, 2, CHANNELS)
  const global = { in: CHANNELS, out: CHANNELS, kernel: 2, stride: 1, padding: 0, groups: CHANNELS }
  list.operation('flatten', 'flat', [list.conv2d('global', x, global, { deviation: 0.1 })], {})
  return list.nodes
}

async function tensorsOf(batch: number, block: number | undefined): Promise<Map<string, Float32Array>> {
  const nodes = network()
  const graph = new Graph(block)
  const feeds: Record<string, Tensor> = {}
  const declare = (name: string, shape: readonly number[], initial = { deviation: 1 }): Value => {
    const spec = { name, shape, role: 'trained', initial } as const
    feeds[name] = new Tensor('float32', initialValues(spec, 1, Object.keys(feeds).length), shape)
    return graph.input(name, 'float32', shape)
  }
  const images = declare('images', [batch, 3, 16, 16])
  const parameters = new Map<string, Value>()
  for (const { name, shape } of parametersOf(nodes)) parameters.set(name, declare(name, shape))
  const lowering = { graph, training: true, parameters }
  const forward = lower(lowering, nodes, { images })
  const gradients = forward.backward(declare('gradient', forward.output.shape))
  graph.output('output', forward.output)
  for (const [name, value] of gradients.parameters) graph.output(`gradient.${name}`, value)
  const session = await createRuntimeSession(graph.toModel('self_check'), {
    provider: 'cpu',
    threads: 1,
    optimize: block === undefined,
  })
  try {
    const results = await session.run(feeds)
    return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))
  } finally {
    await session.release()
  }
}

function isNear(actual: Float32Array, expected: Float32Array): boolean {
  const norm = (of: (index: number) => number) =>
    Math.sqrt(expected.reduce((sum, _, index) => sum + of(index) ** 2, 0))
  const distance = norm((index) => actual[index]! - expected[index]!)
  return distance <= TOLERANCE * (norm((index) => expected[index]!) + 1)
}
