import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { Graph } from '../../../src/engines/onnxruntime/graph.js'
import { lowerBackward, lowerForward } from '../../../src/engines/onnxruntime/lowering.js'
import { createRuntimeSession } from '../../../src/engines/onnxruntime/runtime.js'
import { type MarginHead, marginHeadNodes } from '../../../src/network/index.js'
import { oracle } from '../../oracles/python.js'
import { askPytorch, readGolden } from '../golden.js'
import { distance, hashedValues, norm } from '../reference.js'

interface HeadResult {
  loss: number
  embedding: number[]
  weight: number[]
}

const GOLDEN = 'margin_heads.json'
const classes = 9
// Centres near the embeddings' own, so that cosines of both signs and large angles occur.
const embedding = { name: 'embedding', shape: [6, 5], base: 0.1, spread: 1 }
const weight = { name: 'weight', shape: [classes, 5], base: 0.1, spread: 1 }
const labels = [0, 3, 8, 3, 5, 1]

const base: MarginHead = {
  ...{ m1: 1, m2: 0.5, m3: 0, scale: 16 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const heads: Record<string, MarginHead> = {
  'ArcFace, straight-through': base,
  'ArcFace, exact': { ...base, marginGradient: 'exact' },
  // A margin so wide that some angles are past pi - m2, where the exact form continues as a line.
  'ArcFace, exact, wide': { ...base, m2: 1.6, marginGradient: 'exact' },
  CosFace: { ...base, m2: 0, m3: 0.35 },
  'CosFace, exact': { ...base, m3: 0.35, marginGradient: 'exact' },
  'combined, straight-through': { ...base, m1: 1.2, m2: 0.3 },
  'combined, exact': { ...base, m1: 1.2, m2: 0.3, marginGradient: 'exact' },
  'inter-class filtering': { ...base, interclassFilteringThreshold: 0.3 },
}
const request = { embedding, weight, labels, cases: Object.values(heads) }

async function run(head: MarginHead, embeddings: Float32Array, centres: Float32Array): Promise<HeadResult> {
  const graph = new Graph()
  const inputs = {
    embedding: graph.input('embedding', 'float32', embedding.shape),
    labels: graph.input('labels', 'int32', [labels.length]),
  }
  const parameters = new Map([['weight', graph.input('weight', 'float32', weight.shape)]])
  const nodes = marginHeadNodes(head, { classes, embedding: 5 })
  const lowering = { graph, training: true, parameters }
  const forward = lowerForward(lowering, nodes, inputs)
  const gradients = lowerBackward(lowering, nodes, forward, graph.constant(1))
  graph.output('loss', forward.output)
  graph.output('gradient.embedding', gradients.inputs.get('embedding')!)
  graph.output('gradient.weight', gradients.parameters.get('weight')!)
  const session = await createRuntimeSession(graph.toModel('head'), { provider: 'cpu', threads: 1 })
  const results = await session.run({
    embedding: new Tensor('float32', embeddings, embedding.shape),
    weight: new Tensor('float32', centres, weight.shape),
    labels: new Tensor('int32', Int32Array.from(labels), [labels.length]),
  })
  await session.release()
  const values = (name: string) => [...(results[name]!.data as Float32Array)]
  return {
    loss: values('loss')[0]!,
    embedding: values('gradient.embedding'),
    weight: values('gradient.weight'),
  }
}

function expectSame(actual: HeadResult, expected: HeadResult, tolerance: number): void {
  expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(tolerance * expected.loss)
  for (const key of ['embedding', 'weight'] as const) {
    expect(distance(actual[key], expected[key]), key).toBeLessThan(tolerance * norm(expected[key]))
  }
}

describe('margin heads', () => {
  it.each(Object.entries(heads))("%s has PyTorch's loss and gradients", async (name, head) => {
    const expected = (await readGolden<HeadResult[]>(GOLDEN))[Object.keys(heads).indexOf(name)]!
    const actual = await run(head, hashedValues(embedding, 0), hashedValues(weight, 1))
    expectSame(actual, expected, 1e-5)
  })

  it('says how the heads differ', async () => {
    const results = await readGolden<HeadResult[]>(GOLDEN)
    // CosFace has no angle, so both margin gradients are one; no other two heads agree.
    const distinct = new Set(results.map((result) => result.weight.map((value) => value.toFixed(5)).join()))
    expect(distinct.size).toBe(Object.keys(heads).length - 1)
  })

  it.each(Object.entries(heads))(
    '%s stays finite where an embedding is its class centre',
    async (_, head) => {
      const centres = hashedValues(weight, 1)
      const embeddings = Float32Array.from(
        labels.flatMap((label) => [...centres.subarray(label * 5, label * 5 + 5)]),
      )
      embeddings.set(embeddings.subarray(0, 5).map((value) => -value))
      const { loss, embedding: gradient, weight: centreGradient } = await run(head, embeddings, centres)
      for (const value of [loss, ...gradient, ...centreGradient]) expect(Number.isFinite(value)).toBe(true)
    },
  )

  it('counts a probability below 1e-30 as 1e-30', async () => {
    const centres = hashedValues(weight, 1)
    const opposite = Float32Array.from(
      labels.flatMap((label) => [...centres.subarray(label * 5, label * 5 + 5)]),
      (x) => -x,
    )
    const { loss } = await run({ ...base, scale: 1000 }, opposite, centres)
    expect(loss).toBeCloseTo(-Math.log(1e-30), 3)
  })

  it.skipIf(oracle('torch') === undefined)(
    'golden file is what PyTorch says (needs the torch oracle)',
    async () => {
      const { content } = await askPytorch<HeadResult[]>('margin_heads.py', request, GOLDEN)
      const golden = await readGolden<HeadResult[]>(GOLDEN)
      content.forEach((result, index) => {
        expectSame(golden[index]!, result, 1e-9)
      })
    },
  )
})
