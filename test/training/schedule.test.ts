import { describe, expect, it } from 'vitest'
import { createSchedule } from '../../src/training/schedule.js'

const base = { images: 1007, batchSize: 100, epochs: 4, warmupEpochs: 0, rate: 0.1, upstreamWarmup: false }

describe('schedule', () => {
  it('counts full batches alone', () => {
    expect(createSchedule(base)).toMatchObject({ stepsPerEpoch: 10, totalSteps: 40, warmupSteps: 0 })
  })

  it('falls linearly to 0 from the first step on', () => {
    const schedule = createSchedule(base)
    expect([0, 1, 20, 39, 40, 41].map((step) => schedule.learningRate(step))).toEqual(
      [0.1, 0.0975, 0.05, 0.0025, 0, 0].map((rate) => expect.closeTo(rate, 12)),
    )
  })

  it('rises linearly over the warm-up and falls over the rest', () => {
    const schedule = createSchedule({ ...base, warmupEpochs: 1 })
    expect([0, 1, 9, 10, 25, 39].map((step) => schedule.learningRate(step))).toEqual(
      [0, 0.01, 0.09, 0.1, 0.05, 0.1 / 30].map((rate) => expect.closeTo(rate, 12)),
    )
  })

  it("starts at the full rate as upstream's does, if asked to", () => {
    const ours = createSchedule({ ...base, warmupEpochs: 1 })
    const upstream = createSchedule({ ...base, warmupEpochs: 1, upstreamWarmup: true })
    expect(upstream.learningRate(0)).toBe(0.1)
    for (let step = 1; step < 40; step++) expect(upstream.learningRate(step)).toBe(ours.learningRate(step))
  })

  it("is upstream's recursion, step by step", () => {
    // PolynomialLRWarmup.get_lr with power 1, as PyTorch calls it: the rate of step k is what call k left behind.
    const [warmup, total] = [10, 40]
    let rate = 0.1
    const schedule = createSchedule({ ...base, warmupEpochs: 1, upstreamWarmup: true })
    for (let k = 0; k < total; k++) {
      if (k > 0 && k <= warmup) rate = (0.1 * k) / warmup
      if (k > warmup)
        rate *= (1 - (k - warmup) / (total - warmup)) / (1 - (k - 1 - warmup) / (total - warmup))
      expect(schedule.learningRate(k)).toBeCloseTo(rate, 12)
    }
  })
})
