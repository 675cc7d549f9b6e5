import { describe, expect, it } from 'vitest'
import { sampleCentres, sampledCentreCount } from '../../../src/network/index.js'

const draw = { seed: 5, step: 3, classes: 1000, count: 100, labels: Int32Array.of(999, 4, 4, 700) }

describe('the sampled class centres of a step', () => {
  it.each([3, 100, 501, 503, 990, 1000])('are %s different ones in order, the labels among them', (count) => {
    const centres = sampleCentres({ ...draw, count })
    expect(centres.length).toBe(count)
    expect(new Set(centres).size).toBe(count)
    expect([...centres]).toEqual([...centres].sort((a, b) => a - b))
    for (const label of draw.labels) expect(centres).toContain(label)
    expect(centres[0]).toBeGreaterThanOrEqual(0)
    expect(centres.at(-1)).toBeLessThan(draw.classes)
  })

  it('are a function of seed, step and labels', () => {
    const centres = sampleCentres(draw)
    expect(sampleCentres(draw)).toEqual(centres)
    expect(sampleCentres({ ...draw, labels: [4, 999, 700] })).toEqual(centres)
    expect(sampleCentres({ ...draw, seed: 6 })).not.toEqual(centres)
    expect(sampleCentres({ ...draw, step: 4 })).not.toEqual(centres)
  })

  it.each([5, 15])('have every negative as often as any other, %s of 20', (count) => {
    const seen = new Uint32Array(20)
    const steps = 4000
    for (let step = 0; step < steps; step++) {
      for (const centre of sampleCentres({ seed: 1, step, classes: 20, count, labels: [7] })) seen[centre]!++
    }
    expect(seen[7]).toBe(steps)
    const probability = (count - 1) / 19
    const deviation = Math.sqrt(steps * probability * (1 - probability))
    seen.forEach((times, centre) => {
      if (centre !== 7) expect(Math.abs(times - steps * probability), `${centre}`).toBeLessThan(5 * deviation)
    })
  })

  it("are as many as upstream's, but no fewer than the images of a step and no more than the classes", () => {
    expect(sampledCentreCount(1_000_000, 0.01, 32)).toBe(10_000)
    expect(sampledCentreCount(1009, 0.1, 32)).toBe(100)
    expect(sampledCentreCount(1009, 0.1, 128)).toBe(128)
    expect(sampledCentreCount(6, 0.5, 8)).toBe(6)
  })
})
