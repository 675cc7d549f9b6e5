import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { Random } from '../../src/random/random.js'
import { samplePairs } from '../../src/verification/index.js'

/** Labels of identities with these numbers of images, mixed. */
function labelsOf(counts: number[]): Int32Array {
  const labels = counts.flatMap((count, label) => new Array<number>(count).fill(label))
  return new Random(9).shuffle(Int32Array.from(labels))
}

describe('samplePairs', () => {
  it('N same and N different a fold, identities in one fold alone, no pair twice; or an error with what is possible', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(99),
        (images, pairsPerFold, folds, seed) => {
          const labels = labelsOf(images)
          const sampling = { pairsPerFold, folds, seed }
          try {
            expectSound(labels, sampling)
          } catch (error) {
            if (!(error instanceof InputError)) throw error
            const most = Number(/at most (\d+)/.exec(error.message)![1])
            expect(most).toBeLessThan(pairsPerFold)
            if (most > 0) expectSound(labels, { ...sampling, pairsPerFold: most })
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('uses all pairs there are where it must', () => {
    expectSound(labelsOf([3, 1, 2, 3, 1, 2]), { pairsPerFold: 4, folds: 2, seed: 1 })
    expectSound(labelsOf([400, 1]), { pairsPerFold: 400, folds: 1, seed: 1 })
  })

  it('does not let one identity with many images fill a fold', () => {
    const labels = labelsOf([500, ...new Array<number>(50).fill(4)])
    const pairs = samplePairs(labels, { pairsPerFold: 100, folds: 1, seed: 3 }, 'x')
    const ofFirst = pairs.filter(({ positions }) => positions.some((position) => labels[position] === 0))
    expect(ofFirst.filter(({ same }) => same).length).toBeLessThanOrEqual(2)
    expect(ofFirst.filter(({ same }) => !same).length).toBeLessThanOrEqual(8)
  })

  it('gives the same pairs for a seed, others for another', () => {
    const labels = labelsOf(new Array<number>(60).fill(5))
    const draw = (seed: number) => samplePairs(labels, { pairsPerFold: 20, folds: 3, seed }, 'x')
    expect(draw(5)).toEqual(draw(5))
    expect(draw(5)).not.toEqual(draw(6))
  })
})

function expectSound(
  labels: Int32Array,
  sampling: { pairsPerFold: number; folds: number; seed: number },
): void {
  const pairs = samplePairs(labels, sampling, 'x')
  const { pairsPerFold, folds } = sampling
  expect(pairs.length).toBe(2 * pairsPerFold * folds)
  const foldOf = new Map<number, number>()
  const keys = new Set<string>()
  for (const [index, { fold, same, positions }] of pairs.entries()) {
    expect(fold).toBe(Math.floor(index / (2 * pairsPerFold)))
    expect(same).toBe(index % (2 * pairsPerFold) < pairsPerFold)
    expect(labels[positions[0]] === labels[positions[1]]).toBe(same)
    expect(positions[0]).not.toBe(positions[1])
    keys.add([...positions].sort((a, b) => a - b).join())
    for (const position of positions) {
      const label = labels[position]!
      expect(foldOf.get(label) ?? fold).toBe(fold)
      foldOf.set(label, fold)
    }
  }
  expect(keys.size).toBe(pairs.length)
}
