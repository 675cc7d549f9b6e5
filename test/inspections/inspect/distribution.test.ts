import { describe, expect, it } from 'vitest'
import { distributionOf } from '../../../src/inspections/inspect/distribution.js'

describe('images per identity', () => {
  it('have a bar for each number where there are few numbers', () => {
    const { histogram, ...rest } = distributionOf([3, 0, 5, 3, 6])
    expect(rest).toEqual({
      minimum: 3,
      median: 3,
      maximum: 6,
      mean: 4.25,
      percentiles: { 5: 3, 25: 3, 75: 5, 95: 6 },
    })
    expect(histogram).toEqual([
      { from: 3, to: 3, identities: 2 },
      { from: 4, to: 4, identities: 0 },
      { from: 5, to: 5, identities: 1 },
      { from: 6, to: 6, identities: 1 },
    ])
  })

  it('have two bars for each doubling where there are many, without a gap', () => {
    const images = Array.from({ length: 1000 }, (_, i) => i + 1)
    const { histogram, percentiles } = distributionOf(images)
    expect(histogram.slice(0, 6).map(({ from }) => from)).toEqual([1, 2, 3, 4, 6, 8])
    expect(histogram.at(-1)).toEqual({ from: 724, to: 1000, identities: 277 })
    for (const [i, { from }] of histogram.entries()) {
      if (i > 0) expect(from).toBe(histogram[i - 1]!.to + 1)
    }
    expect(histogram.reduce((sum, { identities }) => sum + identities, 0)).toBe(1000)
    expect(percentiles).toEqual({ 5: 50, 25: 250, 75: 750, 95: 950 })
  })

  it('begin at the smallest number, which may be large', () => {
    const { histogram } = distributionOf([100, 500])
    expect(histogram[0]).toEqual({ from: 100, to: 127, identities: 1 })
    expect(histogram.at(-1)).toEqual({ from: 362, to: 500, identities: 1 })
  })

  it('of nobody are none', () => {
    expect(distributionOf([0, 0])).toEqual({
      minimum: 0,
      median: 0,
      maximum: 0,
      mean: 0,
      percentiles: { 5: 0, 25: 0, 75: 0, 95: 0 },
      histogram: [],
    })
  })
})
