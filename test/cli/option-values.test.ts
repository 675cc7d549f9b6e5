import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { parseNumber, wholeNumber } from '../../src/cli/option-values.js'

describe('a whole number of an option', () => {
  it.each(['0', '7', '65535'])('may be %s', (text) => {
    expect(wholeNumber({ from: 0, to: 65_535 })(text)).toBe(Number(text))
  })

  // Of nothing at all, JavaScript makes 0.
  it.each(['', ' ', '-1', '65536', '1.5', 'x', 'Infinity'])('is not %j', (text) => {
    expect(() => wholeNumber({ from: 0, to: 65_535 })(text)).toThrow(InvalidArgumentError)
    expect(() => wholeNumber({ from: 0, to: 65_535 })(text)).toThrow('from 0 to 65535')
  })

  it('may have no end', () => {
    expect(wholeNumber({ from: 1 })('50000000')).toBe(50_000_000)
    expect(() => wholeNumber({ from: 1 })('0')).toThrow('a whole number from 1 up is expected')
  })
})

describe('a number of an option', () => {
  it('is no word and not nothing', () => {
    expect(parseNumber('-0.5')).toBe(-0.5)
    for (const text of ['', ' ', 'x']) expect(() => parseNumber(text)).toThrow(InvalidArgumentError)
  })
})
