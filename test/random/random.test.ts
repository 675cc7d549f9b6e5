import { describe, expect, it } from 'vitest'
import { Random } from '../../src/random/random.js'

describe('Random', () => {
  it('is a function of seed and keys', () => {
    const draw = (...keys: [number, ...number[]]) =>
      Array.from({ length: 4 }, () => new Random(...keys).uint32())[0]
    expect(draw(1, 2, 3)).toBe(draw(1, 2, 3))
    expect(new Set([draw(1), draw(2), draw(1, 0), draw(1, 1), draw(1, 0, 0), draw(2 ** 32 + 1)]).size).toBe(6)
  })

  it('is uniform: chi-square over 100 cells', () => {
    const random = new Random(7)
    const cells = new Uint32Array(100)
    for (let i = 0; i < 100_000; i++) cells[random.integer(100)]!++
    const chiSquare = cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)
    expect(chiSquare).toBeGreaterThan(60)
    expect(chiSquare).toBeLessThan(150)
  })

  it('has normal deviates of mean 0 and variance 1', () => {
    const random = new Random(7)
    const values = Array.from({ length: 100_000 }, () => random.normal())
    const mean = values.reduce((a, b) => a + b) / values.length
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(Math.abs(variance - 1)).toBeLessThan(0.02)
  })

  it('shuffles into each order equally often', () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = new Random(3, i).shuffle([0, 1, 2]).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it.each([1, 8, 1001])('fills %s values with the normal deviates that come one by one', (count) => {
    const [filling, drawing] = [new Random(3, 4), new Random(3, 4)]
    for (let time = 0; time < 2; time++) {
      const values = new Float32Array(count)
      filling.fillNormal(values, 0.1)
      expect(values).toEqual(Float32Array.from({ length: count }, () => drawing.normal() * 0.1))
    }
    expect(filling.normal()).toBe(drawing.normal())
    expect(filling.uint32()).toBe(drawing.uint32())
  })
})
