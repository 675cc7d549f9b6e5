import { describe, expect, it } from 'vitest'
import type { MarginHead } from '../../../src/network/index.js'
import { oracle } from '../../oracles/python.js'
import { askPytorch, readGolden } from '../golden.js'
import { hashedValues } from '../reference.js'
import { expectSameHead, type HeadResult, runHead } from './head-run.js'

type Step = HeadResult & { statistics: Record<string, number> }

const GOLDEN = 'adaface.json'
const classes = 9
const size = 5
const labels = [0, 3, 8, 3, 5, 1]
const embedding = { name: 'embedding', shape: [6, size], base: 0.1, spread: 1 }
const weight = { name: 'weight', shape: [classes, size], base: 0.1, spread: 1 }
// Norms below 0.001 and above 100, which are clipped, and an ordinary spread between.
const rowFactors = [1, 10, 25, 2e-4, 40, 200]
const statistics = { batch_mean: 20, batch_std: 100 }
const steps = 3

const base: MarginHead = {
  margin: { name: 'adaface', m: 0.4, h: 0.333, t_alpha: 1 },
  ...{ scale: 16, marginGradient: 'straight-through', interclassFilteringThreshold: 0 },
}
const heads: Record<string, MarginHead> = {
  'statistics of the batch alone': base,
  'running statistics': { ...base, margin: { name: 'adaface', m: 0.4, h: 0.333, t_alpha: 0.3 } },
  // So large that the scaler is clipped on both sides, and the angle reaches its limits.
  'margins at their limits': { ...base, margin: { name: 'adaface', m: 2, h: 2, t_alpha: 0.5 } },
  'inter-class filtering': { ...base, interclassFilteringThreshold: 0.3 },
}
const request = { embedding, weight, labels, rowFactors, statistics, steps, cases: Object.values(heads) }

function embeddingsOf(step: number): Float32Array {
  return hashedValues(embedding, 10 + step).map((value, i) => value * rowFactors[Math.floor(i / size)]!)
}

function inputsOf(step: number, before: Record<string, number>) {
  return {
    embedding: embeddingsOf(step),
    weight: hashedValues(weight, 1),
    labels,
    classes,
    statistics: before,
  }
}

function expectSameStatistics(actual: HeadResult, expected: Step, tolerance: number): void {
  for (const [name, value] of Object.entries(expected.statistics)) {
    expect(Math.abs(actual.statistics![name]! / value - 1), name).toBeLessThan(tolerance)
  }
}

describe('AdaFace', () => {
  it.each(Object.entries(heads))(
    "with %s has PyTorch's loss, gradients and statistics over several steps",
    async (name, head) => {
      const golden = (await readGolden<Step[][]>(GOLDEN))[Object.keys(heads).indexOf(name)]!
      let running: Record<string, number> = statistics
      for (const [step, expected] of golden.entries()) {
        const actual = await runHead(head, inputsOf(step, running))
        expectSameHead(actual, expected, 2e-5)
        expectSameStatistics(actual, expected, 1e-5)
        running = actual.statistics!
      }
      expect(golden).toHaveLength(steps)
    },
  )

  it('gives an image of high norm another margin than one of low norm', async () => {
    const results = await readGolden<Step[][]>(GOLDEN)
    const losses = results.map((result) => result.map(({ loss }) => loss.toFixed(6)).join())
    expect(new Set(losses).size).toBe(losses.length)
  })

  it.each(Object.entries(heads))('with %s has the gradient that finite differences have', async (_, head) => {
    const inputs = inputsOf(0, statistics)
    const { embedding: gradient, weight: centreGradient } = await runHead(head, inputs)
    const step = 2e-3
    const lossAt = async (changes: Partial<typeof inputs>) =>
      (await runHead(head, { ...inputs, ...changes })).loss

    const centreDirection = hashedValues({ ...weight, base: 0 }, 70)
    const centresAt = (distance: number) =>
      inputs.weight.map((value, i) => value + distance * centreDirection[i]!)
    const centreSlope =
      ((await lossAt({ weight: centresAt(step) })) - (await lossAt({ weight: centresAt(-step) }))) /
      (2 * step)
    const centreExpected = centreGradient.reduce((sum, value, i) => sum + value * centreDirection[i]!, 0)
    expect(Math.abs(centreSlope - centreExpected)).toBeLessThan(1e-2 * Math.abs(centreExpected) + 1e-3)

    // Rows turn without a change of length: no gradient passes through the norm, although the loss depends on it.
    const direction = turningDirection(inputs.embedding)
    const embeddingsAt = (distance: number) =>
      inputs.embedding.map((value, i) => value + distance * direction[i]!)
    const slope =
      ((await lossAt({ embedding: embeddingsAt(step) })) -
        (await lossAt({ embedding: embeddingsAt(-step) }))) /
      (2 * step)
    const expected = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0)
    expect(Math.abs(slope - expected)).toBeLessThan(1e-2 * Math.abs(expected) + 1e-3)
  })

  it.skipIf(oracle('torch') === undefined)(
    'golden file is what PyTorch says (needs the torch oracle)',
    async () => {
      const { content } = await askPytorch<Step[][]>('margin_heads.py', request, GOLDEN)
      const golden = await readGolden<Step[][]>(GOLDEN)
      content.flat().forEach((result, index) => {
        expectSameHead(golden.flat()[index]!, result, 1e-9)
        expectSameStatistics(golden.flat()[index]!, result, 1e-9)
      })
    },
  )
})

/** For each row a direction across it, in proportion to its length. */
function turningDirection(embeddings: Float32Array): Float32Array {
  const direction = hashedValues({ ...embedding, base: 0 }, 71)
  for (let start = 0; start < embeddings.length; start += size) {
    const row = embeddings.subarray(start, start + size)
    const own = direction.subarray(start, start + size)
    const square = row.reduce((sum, value) => sum + value * value, 0)
    const along = row.reduce((sum, value, i) => sum + value * own[i]!, 0) / square
    own.forEach((value, i) => {
      own[i] = (value - along * row[i]!) * Math.sqrt(square)
    })
  }
  return direction
}
