import { describe, expect, it } from 'vitest'
import { barsText, curveText, resample } from '../../src/terminal/index.js'

const unicode = { unicode: true }
const ascii = { unicode: false }

describe('a curve', () => {
  it('goes from the lowest value to the highest, whatever they are', () => {
    expect(curveText([0, 1, 2, 3, 4, 5, 6, 7], unicode)).toBe('▁▂▃▄▅▆▇█')
    expect(curveText([-10, 60, -10], unicode)).toBe('▁█▁')
    expect(curveText([0, 1, 2, 3, 4, 5, 6, 7], ascii)).toBe('.:-=+*%#')
  })

  it('is level where all values are equal, and has a gap where one is no number', () => {
    expect(curveText([3, 3, 3], unicode)).toBe('▅▅▅')
    expect(curveText([1, Number.NaN, 2], unicode)).toBe('▁ █')
    expect(curveText([Number.NaN], unicode)).toBe(' ')
    expect(curveText([], unicode)).toBe('')
  })
})

describe('bars', () => {
  it('begin at nothing, and show the smallest number that is not nothing', () => {
    expect(barsText([0, 1, 500, 1000], unicode)).toBe(' ▁▄█')
    expect(barsText([0, 1, 500, 1000], ascii)).toBe(' .=#')
    expect(barsText([0, 0], unicode)).toBe('  ')
  })
})

describe('resampling', () => {
  it('takes means of as many parts as there are columns', () => {
    expect(resample([1, 3, 5, 7], 2)).toEqual([2, 6])
    expect(resample([1, 2, 3, 4, 5], 2)).toEqual([1.5, 4])
  })

  it('leaves what fits as it is', () => {
    expect(resample(Float32Array.of(1, 2), 3)).toEqual([1, 2])
  })
})
