import { describe, expect, it } from 'vitest'
import { Phase } from '../../src/progress/phase.js'

describe('a phase', () => {
  it('tells how much is done, the rate, the time left and what was skipped', () => {
    const phase = new Phase('packing', 5000, 'images', 0)
    expect(phase.news(0)).toBe('0/5,000 images')
    phase.advance(1000, {}, 2000)
    expect(phase.news(2000)).toBe('1,000/5,000 images, 500/s, 8 s left')
    phase.advance(1000, { skipped: 3 }, 4000)
    expect(phase.news(4000)).toBe('2,000/5,000 images, 500/s, 6 s left, 3 skipped')
    expect(phase.share).toBe(0.4)
  })

  it('says nothing of the time left where the total is not known, or nothing moves', () => {
    const unknown = new Phase('downloading', undefined, 'MB', 0)
    unknown.advance(300, {}, 10_000)
    expect(unknown.news(10_000)).toBe('300 MB, 30/s')
    expect(unknown.share).toBeUndefined()
    expect(unknown.summary(10_000)).toBe('300 MB in 10 s, 30/s')
    expect(new Phase('packing', 10, 'images', 0).news(5000)).toBe('0/10 images, 0.0/s')
  })

  it('leaves what an earlier run did out of the rate', () => {
    const phase = new Phase('packing', 4000, 'images', 0)
    phase.advance(2000, { earlier: true, skipped: 1 }, 0)
    phase.advance(1000, {}, 10_000)
    expect(phase.news(10_000)).toBe('3,000/4,000 images, 100/s, 10 s left, 1 skipped')
    expect(phase.summary(10_000)).toBe('3,000/4,000 images in 10 s, 100/s, 1 skipped')
  })

  it('is summed up at its end', () => {
    const phase = new Phase('packing', 4000, 'images', 0)
    phase.advance(4000, {}, 10_000)
    expect(phase.summary(20_000)).toBe('4,000 images in 20 s, 200/s')
  })

  it('has no more than all behind it, whatever was promised', () => {
    const phase = new Phase('reading', 10, 'images', 0)
    phase.advance(20, {}, 1000)
    expect(phase.share).toBe(1)
    expect(phase.news(1000)).toBe('20/10 images, 20/s, 0 s left')
    expect(new Phase('reading', 0, 'images', 0).share).toBe(1)
  })
})
