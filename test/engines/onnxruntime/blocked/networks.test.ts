import { describe, expect, it } from 'vitest'
import { trainingGraph } from '../../../../src/engines/onnxruntime/training-graph.js'
import { namedBackbone, networkNames } from '../../../../src/network/index.js'
import { NodeList } from '../../../../src/network/node-list.js'
import { block } from '../lowerings.js'
import { runNodes } from './run-nodes.js'

describe('the blocked lowering', () => {
  it.each(networkNames.flatMap((name) => [8, 16].map((block) => [name, block] as const)))(
    'has a kernel for every convolution of %s, in blocks of %d',
    (name, block) => {
      const backbone = namedBackbone(name, {}, { embeddingSize: 32, imageSize: 112 })
      const { nodes } = trainingGraph({
        ...{ backbone, batchSize: 2, classes: 3, block },
        head: {
          ...{ margin: { name: 'arcface', m: 0.5 }, scale: 64 },
          ...{ marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
        },
        optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
      })
      const standard = new Set(nodes.filter(({ domain }) => domain === undefined).map(({ op }) => op))
      for (const op of ['Conv', 'ConvTranspose', 'PRelu']) expect(standard).not.toContain(op)
    },
  )

  it.skipIf(block === undefined)('has the variance of values that are far from zero', async () => {
    const list = new NodeList()
    const shape = { in: 16, out: 16, kernel: 1, stride: 1, padding: 0, groups: 1 }
    list.prelu(
      'prelu',
      list.batchNorm('norm', list.conv2d('conv', 'images', shape, { deviation: 1 }), 16),
      16,
    )
    const [expected, actual] = await Promise.all(
      [undefined, block].map((block) => runNodes(list.nodes, [4, 16, 8, 8], block, { base: 3000 })),
    )
    const variances = actual!.values.get('next norm.running_var')!
    expected!.values.get('next norm.running_var')!.forEach((variance, channel) => {
      expect(variances[channel]! / variance).toBeCloseTo(1, 3)
    })
  })

  it.skipIf(block === undefined)('reorders a value once for all that read it', async () => {
    const list = new NodeList()
    const shape = { in: 16, kernel: 3, stride: 1, padding: 1, groups: 1 }
    const a = list.conv2d('a', 'images', { ...shape, out: 16 }, { deviation: 1 })
    const b = list.conv2d('b', 'images', { ...shape, out: 16 }, { deviation: 1 })
    const sum = list.operation('add', 'sum', [a, b], {})
    // Seven channels fill no block: the portable kernel takes them, and the output is row-major.
    list.conv2d('c', sum, { ...shape, out: 7 }, { deviation: 1 })
    const { operators } = await runNodes(list.nodes, [1, 16, 5, 5], block, { training: false })
    expect(operators.filter((op) => op.includes('Reorder'))).toEqual([
      'com.microsoft.nchwc.ReorderInput',
      'com.microsoft.nchwc.ReorderOutput',
    ])
    expect(operators.filter((op) => op.endsWith('Conv'))).toEqual([
      'com.microsoft.nchwc.Conv',
      'com.microsoft.nchwc.Conv',
      'Conv',
    ])
    // The sum is within the second convolution.
    expect(operators).not.toContain('Add')
  })
})
