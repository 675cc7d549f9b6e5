import { describe, expect, it } from 'vitest'
import { checkExpectations, expectSchema } from '../../src/pipeline/expectation.js'

/** What is wrong with `found` images where there are `current` now. */
function faultOf(images: string, found: number, current?: number): string | undefined {
  try {
    checkExpectations(expectSchema.parse({ images }), { images: found }, { images: current })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('an expectation', () => {
  it.each([
    ['>= 10', 10, 9],
    ['> 10', 11, 10],
    ['<= 10', 10, 11],
    ['<  10', 9, 10],
    ['>= 0.5', 0.5, 0.4],
  ])('%s holds of %d, not of %d', (text, good, bad) => {
    expect(faultOf(text, good)).toBeUndefined()
    expect(faultOf(text, bad)).toBe(`images: expected ${text}, found ${bad}`)
  })

  // 0.28 * 25 is 7.000000000000001 in binary, and 0.29 * 100 is 28.999999999999996.
  it.each([
    ['>= 0.28 of current', 7, 6, 25],
    ['<= 0.29 of current', 29, 30, 100],
    ['> 0.29 of current', 30, 29, 100],
  ])('%s counts in decimals: holds of %d, not of %d, of %d', (text, good, bad, current) => {
    expect(faultOf(text, good, current)).toBeUndefined()
    expect(faultOf(text, bad, current)).toBe(`images: expected ${text} (${current} now), found ${bad}`)
  })

  it('of current holds where there is nothing yet', () => {
    expect(faultOf('>= 1 of current', 3)).toBeUndefined()
    expect(faultOf('>= 1 of current', 3, 0)).toBeUndefined()
  })

  it.each(['5', '=> 5', '>= 5,000', '>= -1', '>= 5 of yesterday', '>= 98%'])('%j is none', (images) => {
    expect(expectSchema.safeParse({ images }).success).toBe(false)
  })
})
