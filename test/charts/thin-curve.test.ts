import { describe, expect, it } from 'vitest'
import { type Point, spread, thinCurve } from '../../src/charts/thin-curve.js'

const wave = (length: number) => Array.from({ length }, (_, x): Point => [x, Math.sin(x / 50)])

describe('thinCurve', () => {
  it('keeps short curves, ends, order and peaks', () => {
    expect(thinCurve(wave(40), 40)).toEqual(wave(40))
    const curve = wave(10_000)
    curve[7_777] = [7_777, 99]
    curve[3_333] = [3_333, -99]
    const thin = thinCurve(curve, 200)
    expect(thin.length).toBeLessThanOrEqual(200)
    expect([thin[0], thin.at(-1)]).toEqual([curve[0], curve.at(-1)])
    expect(thin).toContainEqual([7_777, 99])
    expect(thin).toContainEqual([3_333, -99])
    expect(thin.map(([x]) => x)).toEqual(thin.map(([x]) => x).sort((a, b) => a - b))
  })

  it('keeps a peak beside a place where the curve is torn', () => {
    const curve = wave(10_000)
    curve[5_000] = [5_000, 99]
    curve[5_001] = [5_001, -99]
    curve[5_002] = [5_002, Number.NaN]
    const thin = thinCurve(curve, 100)
    expect(thin).toContainEqual([5_000, 99])
    expect(thin).toContainEqual([5_001, -99])
    expect(thin).toContainEqual([5_002, Number.NaN])
  })

  it('keeps the place where a curve is torn', () => {
    const curve = wave(10_000)
    curve[5_000] = [5_000, Number.NaN]
    expect(thinCurve(curve, 100).filter(([, y]) => Number.isNaN(y))).toEqual([[5_000, Number.NaN]])
  })
})

it('spread takes both ends and what lies evenly between', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8])
  expect(spread([1, 2], 3)).toEqual([1, 2])
})
