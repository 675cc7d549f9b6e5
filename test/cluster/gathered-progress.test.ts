import { describe, expect, it } from 'vitest'
import { GatheredProgress } from '../../src/cluster/gathered-progress.js'

describe('the progress of a thread', () => {
  it('is told in few messages, and whole at the end', () => {
    const told: number[] = []
    const progress = new GatheredProgress((count) => told.push(count))
    for (let i = 0; i < 10_000; i++) progress.advance(2)
    progress.tell()
    progress.tell()
    expect(told.reduce((a, b) => a + b, 0)).toBe(20_000)
    expect(told.length).toBeLessThan(1000)
  })
})
