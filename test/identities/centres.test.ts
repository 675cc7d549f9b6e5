import { describe, expect, it } from 'vitest'
import { CentreSums } from '../../src/identities/index.js'

describe('CentreSums', () => {
  it('gives the mean direction at length 1, and how alike its photos are', () => {
    const sums = new CentreSums(2, 2)
    sums.add(0, Float32Array.of(3, 4))
    sums.add(1, Float32Array.of(20, 0))
    sums.add(1, Float32Array.of(0, 0.1))
    const { values, images, cohesion } = sums.finish()
    const diagonal = Math.SQRT1_2
    for (const [i, expected] of [0.6, 0.8, diagonal, diagonal].entries())
      expect(values[i]).toBeCloseTo(expected, 6)
    expect([...images]).toEqual([1, 2])
    expect(cohesion[0]).toBeCloseTo(1, 6)
    expect(cohesion[1]).toBeCloseTo(diagonal, 6)
  })

  it('gives zeros where there is no direction: no photo, photos without one, photos of opposite ones', () => {
    const sums = new CentreSums(3, 2)
    sums.add(1, Float32Array.of(0, 0))
    sums.add(2, Float32Array.of(0, 5))
    sums.add(2, Float32Array.of(0, -5))
    const { values, images, cohesion } = sums.finish()
    expect([...values]).toEqual([0, 0, 0, 0, 0, 0])
    expect([...images]).toEqual([0, 0, 2])
    expect([...cohesion]).toEqual([0, 0, 0])
  })
})
