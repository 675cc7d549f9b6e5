import { describe, expect, it } from 'vitest'
import { GatheredProgress } from '../../src/cluster/gathered-progress.js'

describe('the progress of a thread', () => {
  it('is told in few messages, and whole at the end', () => {
    const told: [number, number][] = []
    const progress = new GatheredProgress((...news) => told.push(news))
    for (let i = 0; i < 10_000; i++) progress.advance(2, { skipped: i % 2 })
    progress.tell()
    progress.tell()
    const sum = (column: 0 | 1) => told.reduce((total, news) => total + news[column], 0)
    expect([sum(0), sum(1)]).toEqual([20_000, 5000])
    expect(told.length).toBeLessThan(1000)
  })
})
