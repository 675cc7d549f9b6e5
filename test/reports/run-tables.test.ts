import { expect, it } from 'vitest'
import { equalErrorRate } from '../../src/reports/run-tables.js'
import { distinctNames } from '../../src/reports/subject.js'

const roc = (falsePositiveRates: number[], truePositiveRates: number[]) => ({
  roc: { falsePositiveRates, truePositiveRates, distances: falsePositiveRates },
})

it('equalErrorRate is where the curve crosses the falling diagonal', () => {
  expect(equalErrorRate(roc([0, 0, 1], [0, 1, 1]))).toBe(0)
  expect(equalErrorRate(roc([0, 1], [0, 1]))).toBe(0.5)
  expect(equalErrorRate(roc([0, 0.2, 1], [0, 0.8, 1]))).toBeCloseTo(0.2, 12)
})

it('distinctNames are the last parts of paths, with more where they end alike', () => {
  expect(distinctNames(['/a/runs/umd', '/a/runs/ms1m'])).toEqual(['umd', 'ms1m'])
  expect(distinctNames(['/a/first/run', '/a/second/run', '/b/other'])).toEqual([
    'first/run',
    'second/run',
    'other',
  ])
  expect(distinctNames(['/run', '/run'])).toEqual(['run', 'run'])
})
