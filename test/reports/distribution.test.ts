import { describe, expect, it } from 'vitest'
import { distributionOf } from '../../src/reports/distribution.js'

describe('distributionOf', () => {
  it('counts in bins of doubling size, without gaps, and leaves out who has none', () => {
    const found = distributionOf([1, 1, 2, 3, 9, 0, 16])
    expect(found).toMatchObject({ identities: 6, minimum: 1, maximum: 16, mean: 32 / 6 })
    expect(found.bins).toEqual([
      { from: 1, to: 2, count: 2, name: '1' },
      { from: 2, to: 4, count: 2, name: '2 to 3' },
      { from: 4, to: 8, count: 0, name: '4 to 7' },
      { from: 8, to: 16, count: 1, name: '8 to 15' },
      { from: 16, to: 32, count: 1, name: '16 to 31' },
    ])
    expect(found.reach).toEqual([
      [1, 1],
      [2, 4 / 6],
      [3, 3 / 6],
      [9, 2 / 6],
      [16, 1 / 6],
      [17, 0],
    ])
  })

  it('has a bin for each number where these differ little', () => {
    expect(distributionOf([8, 8, 10, 0]).bins).toEqual([
      { from: 8, to: 9, count: 2, name: '8' },
      { from: 9, to: 10, count: 0, name: '9' },
      { from: 10, to: 11, count: 1, name: '10' },
    ])
    expect(distributionOf([1, 12]).bins).toHaveLength(12)
    expect(distributionOf([1, 13]).bins).toHaveLength(4)
  })

  it('takes percentiles by nearest rank', () => {
    const found = distributionOf(Array.from({ length: 200 }, (_, i) => i + 1))
    expect(found.percentiles.map(({ images }) => images)).toEqual([2, 10, 50, 100, 150, 190, 198])
    expect(distributionOf([7]).reach).toEqual([
      [1, 1],
      [7, 1],
      [8, 0],
    ])
    expect(distributionOf([7]).percentiles.every(({ images }) => images === 7)).toBe(true)
  })

  it('is empty where nobody has an image, and short where everybody has another number', () => {
    expect(distributionOf([0, 0])).toMatchObject({ identities: 0, mean: 0, bins: [], reach: [] })
    const { reach } = distributionOf(Array.from({ length: 5000 }, (_, i) => i + 1))
    expect(reach).toHaveLength(160)
    expect([reach[0], reach.at(-1)]).toEqual([
      [1, 1],
      [5001, 0],
    ])
  })
})
