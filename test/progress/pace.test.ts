import { describe, expect, it } from 'vitest'
import { Pace } from '../../src/progress/pace.js'

describe('the pace of work', () => {
  it('is not known in the first moment', () => {
    const pace = new Pace(1000)
    pace.add(500, 1100)
    expect(pace.rate(1100)).toBeUndefined()
    expect(pace.rate(2000)).toBe(500)
  })

  it('is that of the last half minute', () => {
    const pace = new Pace(0)
    let now = 0
    for (let second = 0; second < 100; second++) pace.add(1000, (now += 1000))
    expect(pace.rate(now)).toBeCloseTo(1000)
    for (let second = 0; second < 40; second++) pace.add(10, (now += 1000))
    expect(pace.rate(now)).toBeCloseTo(10)
  })

  it('falls while nothing is done', () => {
    const pace = new Pace(0)
    pace.add(1000, 1000)
    expect(pace.rate(10_000)).toBe(100)
  })

  it('does not depend on how often it is told', () => {
    const [often, seldom] = [new Pace(0), new Pace(0)]
    for (let now = 1; now <= 60_000; now++) often.add(1, now)
    for (let now = 5000; now <= 60_000; now += 5000) seldom.add(5000, now)
    expect(often.rate(60_000)).toBeCloseTo(1000)
    expect(seldom.rate(60_000)).toBeCloseTo(1000)
  })
})
