import { describe, expect, it } from 'vitest'
import { bytesText, durationText, rateText, shareText } from '../../src/terminal/index.js'

describe('figures as people read them', () => {
  it.each([
    [0, '0.0'],
    [4.24, '4.2'],
    [9.96, '10.0'],
    [10, '10'],
    [2100.4, '2,100'],
  ])('a rate of %d', (rate, text) => expect(rateText(rate)).toBe(text))

  it.each([
    [0, '0 s'],
    [0.2, '1 s'],
    [89, '89 s'],
    [90, '2 min'],
    [5399, '90 min'],
    [5400, '1.5 h'],
    [360_000, '100.0 h'],
  ])('%d seconds', (seconds, text) => expect(durationText(seconds)).toBe(text))

  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [3500, '3.4 KiB'],
    [120 * 2 ** 30, '120 GiB'],
    [5000 * 2 ** 40, '5000 TiB'],
  ])('%d bytes', (bytes, text) => expect(bytesText(bytes)).toBe(text))

  it('a share, of which a little is not nothing and almost all is not all', () => {
    const shares = [
      [0, 10],
      [0, 0],
      [1, 100_000],
      [1, 3],
      [99_999, 100_000],
      [7, 7],
    ] as const
    expect(shares.map(([part, whole]) => shareText(part, whole))).toEqual([
      '0%',
      '0%',
      '<0.1%',
      '33.3%',
      '99.9%',
      '100%',
    ])
  })
})
