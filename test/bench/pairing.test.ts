import { describe, expect, it } from 'vitest'
import { interleave, median, ratioOf, type Side } from '../../bench/pairing.js'

describe('paired measurements', () => {
  it('run the sides in turn and leave the first turn out', async () => {
    const calls: string[] = []
    const side = (name: string, amounts: number[]): Side => ({
      name,
      reset: async () => void calls.push(`reset ${name}`),
      round: async () => {
        calls.push(name)
        return { amount: amounts.shift()!, seconds: 2 }
      },
    })
    const rates = await interleave([side('a', [1, 20, 40]), side('b', [2, 10, 30])], 2, () => {})
    expect(rates).toEqual([
      [10, 20],
      [5, 15],
    ])
    expect(calls.filter((call) => !call.startsWith('reset'))).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
    expect(calls.slice(0, 6)).toEqual(['reset a', 'a', 'reset a', 'reset b', 'b', 'reset b'])
  })

  it("give the geometric mean of the pairs' ratios and Student's bound below it", () => {
    // Logarithms 0.6, 0.7, 0.8, 0.9, 1.0: mean 0.8, standard deviation 0.15811; t(4) = 2.132.
    const theirs = [100, 200, 300, 400, 500]
    const ours = theirs.map((rate, pair) => rate * Math.exp(0.6 + 0.1 * pair))
    const { ratio, lowerBound } = ratioOf(ours, theirs)
    expect(ratio).toBeCloseTo(Math.exp(0.8), 10)
    expect(lowerBound).toBeCloseTo(Math.exp(0.8 - (2.132 * 0.158114) / Math.sqrt(5)), 4)
  })

  it('know a bound only from two pairs on', () => {
    expect(ratioOf([2], [1])).toEqual({ ratio: 2, lowerBound: 0 })
    expect(ratioOf([2, 2], [1, 1]).lowerBound).toBeCloseTo(2, 10)
  })

  it('report medians', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})
