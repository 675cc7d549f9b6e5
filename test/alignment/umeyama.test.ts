import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateSimilarity } from '../../src/alignment/index.js'
import { InputError } from '../../src/errors/index.js'
import { type Similarity, transform } from '../../src/image/index.js'
import { oracle, runOracle } from '../oracles/python.js'

type Golden = Similarity & { from: number[]; to: number[] }

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/golden/alignment/umeyama.json', import.meta.url), 'utf8'),
) as Golden[]

function apply(similarity: Similarity, points: readonly number[]): number[] {
  return Array.from({ length: points.length / 2 }, (_, i) =>
    transform(similarity, points[2 * i]!, points[2 * i + 1]!),
  ).flat()
}

function squaredDistance(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)
}

describe('estimateSimilarity', () => {
  it("gives Umeyama's solution by singular values", () => {
    for (const { from, to, ...expected } of golden) {
      const found = estimateSimilarity(from, to)
      for (const key of ['a', 'b', 'dx', 'dy'] as const) expect(found[key]).toBeCloseTo(expected[key], 4)
    }
  })

  it('finds a transform again, and no other one near it is better', () => {
    const coordinate = fc.double({ min: -100, max: 100, noNaN: true })
    const points = fc.array(coordinate, { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(points, points, fc.integer({ min: 0, max: 3 }), (from, to, part) => {
        fc.pre(Math.max(...from) - Math.min(...from) > 1)
        const found = estimateSimilarity(from, to)
        const key = (['a', 'b', 'dx', 'dy'] as const)[part]!
        const least = squaredDistance(apply(found, from), to)
        for (const step of [-0.01, 0.01]) {
          const other = { ...found, [key]: found[key] + step }
          expect(squaredDistance(apply(other, from), to)).toBeGreaterThanOrEqual(least - 1e-6)
        }
      }),
    )
  })

  it('refuses points that coincide', () => {
    expect(() => estimateSimilarity([3, 4, 3, 4], [0, 0, 1, 1])).toThrow(InputError)
  })

  it.skipIf(oracle('torch') === undefined)('Python gives the golden numbers again', async () => {
    const again = JSON.parse(await runOracle('torch', 'umeyama.py')) as Golden[]
    for (const [i, { dx, dy }] of again.entries()) {
      expect(dx).toBeCloseTo(golden[i]!.dx, 6)
      expect(dy).toBeCloseTo(golden[i]!.dy, 6)
    }
  })
})
