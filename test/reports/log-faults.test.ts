import { describe, expect, it } from 'vitest'
import { logFaults } from '../../src/reports/log-faults.js'
import type { RunLog } from '../../src/training/watching/run-log.js'

const log = (found: Partial<RunLog>): RunLog => ({
  training: { steps: [10], epochs: [0], losses: [3], learningRates: [0.1], imagesPerSecond: [20] },
  targets: new Map(),
  lines: 5,
  unreadable: [],
  ...found,
})

describe('faults of a log', () => {
  it('are none where all lines are events', () => expect(logFaults(log({}))).toEqual([]))

  it('tell a torn last line from lines in between', () => {
    expect(logFaults(log({ unreadable: [2, 3, 5] }))).toEqual([
      'log.jsonl: 2 lines are no events, the first is line 2',
      'log.jsonl: line 5, the last one, is not whole: the run is being written, or was killed',
    ])
  })

  it('say where training diverged', () => {
    expect(logFaults(log({ lost: { step: 15, loss: Number.NaN, learningRate: 9 } }))).toEqual([
      'training diverged at step 15: the loss is not a number, at a learning rate of 9.000',
    ])
  })

  it('say where nothing is logged', () => {
    expect(logFaults(log({ lines: 0 }))).toEqual([
      'log.jsonl: it is empty, or there is none: no step was logged yet',
    ])
  })
})
