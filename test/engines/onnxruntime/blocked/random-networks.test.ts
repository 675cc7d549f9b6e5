import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeList } from '../../../../src/network/node-list.js'
import { distance, norm } from '../../reference.js'
import { block } from '../lowerings.js'
import { runNodes } from './run-nodes.js'

/** One convolution after another; a BatchNorm, a PReLU and a residual sum as they come. */
interface Layer {
  kind: 'dense' | 'pointwise' | 'depthwise' | 'pairs'
  out: number
  stride: 1 | 2
  batchNorm: boolean
  prelu: boolean
  residual: boolean
}

// Widths that fill blocks, and one that does not: it falls back.
const width = fc.constantFrom(16, 32, 48, 20)
const layer: fc.Arbitrary<Layer> = fc.record({
  kind: fc.constantFrom('dense', 'pointwise', 'depthwise', 'pairs'),
  out: width,
  stride: fc.constantFrom(1, 2),
  batchNorm: fc.boolean(),
  prelu: fc.boolean(),
  residual: fc.boolean(),
})
const network = fc.record({
  channels: fc.constantFrom(3, 16, 32),
  height: fc.integer({ min: 5, max: 14 }),
  width: fc.integer({ min: 5, max: 14 }),
  batch: fc.constantFrom(1, 3, 16),
  layers: fc.array(layer, { minLength: 1, maxLength: 5 }),
})

function nodesOf(channels: number, layers: readonly Layer[]) {
  const list = new NodeList()
  let x = 'images'
  let inside = channels
  layers.forEach(({ kind, out, stride, batchNorm, prelu, residual }, index) => {
    const before = x
    const kernel = kind === 'pointwise' ? 1 : 3
    const sameWidth = kind === 'depthwise' || kind === 'pairs'
    const groups = kind === 'depthwise' ? inside : kind === 'pairs' && inside % 2 === 0 ? inside / 2 : 1
    const shape = {
      in: inside,
      out: sameWidth ? inside : out,
      kernel,
      stride,
      padding: (kernel - 1) / 2,
      groups,
    }
    x = list.conv2d(`conv${index}`, x, shape, { deviation: 1 })
    if (batchNorm) x = list.batchNorm(`norm${index}`, x, shape.out)
    if (prelu) x = list.prelu(`prelu${index}`, x, shape.out)
    if (residual && stride === 1 && shape.out === inside && index > 0) {
      x = list.operation('add', `sum${index}`, [before, x], {})
    }
    inside = shape.out
  })
  return list.nodes
}

describe.skipIf(block === undefined)('the blocked lowering of random networks', () => {
  it('has the output, gradients and statistics of the portable one', async () => {
    await fc.assert(
      fc.asyncProperty(network, async ({ channels, height, width, batch, layers }) => {
        const nodes = nodesOf(channels, layers)
        const shape = [batch, channels, height, width]
        const { values: expected } = await runNodes(nodes, shape, undefined)
        const { values: actual } = await runNodes(nodes, shape, block)
        // No gradient passes to images with fewer channels than a block: nothing in a network asks for it.
        const asked = [...expected.keys()].filter((name) => name !== 'gradient of images' || actual.has(name))
        expect([...actual.keys()].sort()).toEqual(asked.sort())
        for (const [name, values] of actual) {
          const wanted = expected.get(name)!
          expect(distance(values, wanted), name).toBeLessThan(2e-3 * norm(wanted) + 1e-3)
        }
      }),
      { numRuns: 40, seed: 7 },
    )
  })

  it('has the same gradients where it computes values again in place of keeping them', async () => {
    const layers: Layer[] = (['pointwise', 'depthwise', 'pointwise', 'pairs', 'dense'] as const).map(
      (kind) => ({ kind, out: 32, stride: 1, batchNorm: true, prelu: true, residual: false }),
    )
    const nodes = nodesOf(16, layers)
    const kept = await runNodes(nodes, [3, 16, 9, 7], block)
    const again = await runNodes(nodes, [3, 16, 9, 7], block, { keptBytes: 0 })
    expect(again.operators.length).toBeGreaterThan(kept.operators.length)
    expect(again.values).toEqual(kept.values)
  })

  it('embeds as the portable one', async () => {
    await fc.assert(
      fc.asyncProperty(network, async ({ channels, height, width, batch, layers }) => {
        const nodes = nodesOf(channels, layers)
        const shape = [batch, channels, height, width]
        const { values: expected } = await runNodes(nodes, shape, undefined, { training: false })
        const { values: actual } = await runNodes(nodes, shape, block, { training: false })
        const wanted = expected.get('output')!
        expect(distance(actual.get('output')!, wanted)).toBeLessThan(1e-4 * norm(wanted) + 1e-4)
      }),
      { numRuns: 20, seed: 8 },
    )
  })
})
