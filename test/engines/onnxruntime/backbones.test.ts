import { createHash } from 'node:crypto'
import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { inferenceGraph } from '../../../src/engines/onnxruntime/inference-graph.js'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import {
  elementCount,
  iresnets,
  mobilefacenets,
  namedBackbone,
  networkNames,
  type ParameterSpec,
  parametersOf,
} from '../../../src/network/index.js'
import { oracle } from '../../oracles/python.js'
import { askPytorch, readGolden } from '../golden.js'
import { distance, type Filling, hashed, hashedValues, norm } from '../reference.js'

interface Summary {
  parameters: number
  layout: string
  norm: number
  samples: number[]
}

const GOLDEN = 'backbones.json'
const IMAGES = 2
const shapes = { ...mobilefacenets, ...iresnets }
const networks = networkNames.map((name) => {
  const isSmall = ['mbf', 'r18'].includes(name)
  // The larger ones embed smaller images, and only where PyTorch is there: r200 holds 118 million weights.
  const size = { embeddingSize: 512, imageSize: isSmall ? 112 : 48 }
  const backbone = namedBackbone(name, {}, size)
  return { name, isSmall, size, backbone, fillings: parametersOf(backbone.nodes).map(fillingOf) }
})

/** Weights that keep values of one size from layer to layer, and let neither branch of a block drown the other. */
function fillingOf({ name, shape }: ParameterSpec): Filling {
  if (name.endsWith('num_batches_tracked')) return { name, shape, base: 0, spread: 0 }
  if (shape.length > 1) return { name, shape, base: 0, spread: Math.sqrt(3 / elementCount(shape.slice(1))) }
  if (/(^|\.)bn3\.weight$/.test(name)) return { name, shape, base: 0.25, spread: 0.1 }
  const isBias = /bias|running_mean/.test(name)
  return { name, shape, base: isBias ? 0 : name.includes('prelu') ? 0.25 : 1, spread: 0.2 }
}

/** Of two images, with running statistics. */
async function embeddingsOf({ backbone, size, fillings }: (typeof networks)[number]): Promise<Float32Array> {
  const salts = new Map(fillings.map((filling, salt) => [filling.name, salt]))
  const model = inferenceGraph(
    backbone,
    (tensor) => hashedValues(fillings[salts.get(tensor)!]!, salts.get(tensor)!),
    new Map(),
  )
  const session = await createRuntimeSession(model, { provider: 'cpu', threads: 2 })
  const shape = [IMAGES, 3, size.imageSize, size.imageSize]
  const pixels = Float32Array.from(
    hashed(elementCount(shape), 1000),
    (value) => ((value >>> 24) - 127.5) / 127.5,
  )
  const results = await session.run({ data: new Tensor('float32', pixels, shape) })
  const embeddings = results['embedding']!.data as Float32Array
  await session.release()
  return embeddings
}

/** Hash of the names and shapes in their order. */
function layoutOf(parameters: readonly ParameterSpec[]): string {
  const text = parameters.map(({ name, shape }) => `${name}[${shape.join(',')}]\n`).join('')
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

describe.each(networks)('$name', (network) => {
  const { name, isSmall } = network

  it("has as many parameters as PyTorch's, with the same names and shapes in the same order", async () => {
    const expected = (await readGolden<Record<string, Summary>>(GOLDEN))[name]!
    const parameters = parametersOf(namedBackbone(name, {}, { embeddingSize: 512, imageSize: 112 }).nodes)
    const learned = parameters.filter(({ role }) => role !== 'statistic')
    expect(learned.reduce((sum, { shape }) => sum + elementCount(shape), 0)).toBe(expected.parameters)
    expect(layoutOf(parameters)).toBe(expected.layout)
  })

  it.runIf(isSmall)('embeds as PyTorch does, by the golden numbers', async () => {
    const expected = (await readGolden<Record<string, Summary>>(GOLDEN))[name]!
    const embeddings = await embeddingsOf(network)
    const samples = embeddings.filter((_, i) => i % (embeddings.length / 8) === 0)
    expect(distance(samples, expected.samples)).toBeLessThan(1e-4 * norm(expected.samples))
    expect(Math.abs(norm(embeddings) / expected.norm - 1)).toBeLessThan(1e-4)
  })
})

it.skipIf(oracle('torch') === undefined)(
  'every network embeds as PyTorch does with the same weights, to 1e-4 (needs the torch oracle)',
  async () => {
    const request = Object.fromEntries(
      networks.map(({ name, size, fillings }) => [
        name,
        { network: { ...shapes[name], ...size }, state: fillings },
      ]),
    )
    const { content, tensors } = await askPytorch<Record<string, Summary>>('backbones.py', request, GOLDEN)
    const committed = await readGolden<Record<string, Summary>>(GOLDEN)
    expect(Object.keys(content)).toEqual(Object.keys(committed))
    const length = IMAGES * 512
    for (const [index, network] of networks.entries()) {
      const { name } = network
      const expected = tensors.subarray(index * length, (index + 1) * length)
      const embeddings = await embeddingsOf(network)
      expect(distance(embeddings, expected), name).toBeLessThan(1e-4 * norm(expected))
      // Two images have embeddings that differ: the weights carry them through the network.
      const half = length / IMAGES
      expect(distance(expected.subarray(0, half), expected.subarray(half))).toBeGreaterThan(
        0.1 * norm(expected),
      )
      expect(content[name]!.layout).toBe(committed[name]!.layout)
      expect(Math.abs(content[name]!.norm / committed[name]!.norm - 1), name).toBeLessThan(1e-8)
    }
  },
  600_000,
)
