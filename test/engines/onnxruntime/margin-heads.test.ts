import { describe, expect, it } from 'vitest'
import type { MarginHead } from '../../../src/network/index.js'
import { oracle } from '../../oracles/python.js'
import { askPytorch, readGolden } from '../golden.js'
import { hashedValues } from '../reference.js'
import { expectSameHead, type HeadResult, runHead } from './head-run.js'

const GOLDEN = 'margin_heads.json'
const classes = 9
// Centres near the embeddings' own, so that cosines of both signs and large angles occur.
const embedding = { name: 'embedding', shape: [6, 5], base: 0.1, spread: 1 }
const weight = { name: 'weight', shape: [classes, 5], base: 0.1, spread: 1 }
const labels = [0, 3, 8, 3, 5, 1]

const base: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, scale: 16 },
  ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const combined = { name: 'combined', m1: 1.2, m2: 0.3, m3: 0 } as const
const heads: Record<string, MarginHead> = {
  'ArcFace, straight-through': base,
  'ArcFace, exact': { ...base, marginGradient: 'exact' },
  // A margin so wide that some angles are past pi - m2, where the exact form continues as a line.
  'ArcFace, exact, wide': { ...base, margin: { name: 'arcface', m: 1.6 }, marginGradient: 'exact' },
  CosFace: { ...base, margin: { name: 'cosface', m: 0.35 } },
  'CosFace, exact': { ...base, margin: { name: 'cosface', m: 0.35 }, marginGradient: 'exact' },
  'combined, straight-through': { ...base, margin: combined },
  'combined, exact': { ...base, margin: combined, marginGradient: 'exact' },
  'inter-class filtering': { ...base, interclassFilteringThreshold: 0.3 },
}
const request = { embedding, weight, labels, cases: Object.values(heads) }

function run(head: MarginHead, embeddings: Float32Array, centres: Float32Array): Promise<HeadResult> {
  return runHead(head, { embedding: embeddings, weight: centres, labels, classes })
}

describe('margin heads', () => {
  it.each(Object.entries(heads))("%s has PyTorch's loss and gradients", async (name, head) => {
    const expected = (await readGolden<HeadResult[]>(GOLDEN))[Object.keys(heads).indexOf(name)]!
    const actual = await run(head, hashedValues(embedding, 0), hashedValues(weight, 1))
    expectSameHead(actual, expected, 1e-5)
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
        expectSameHead(golden[index]!, result, 1e-9)
      })
    },
  )
})
