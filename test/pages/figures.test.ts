import { describe, expect, it } from 'vitest'
import { bytes, count, figure, percent, shortCount, tickPercent } from '../../src/pages/index.js'

describe('figures', () => {
  it('are short, and never 0 for something', () => {
    expect([count(1_234_567), shortCount(1_234_567), shortCount(12)]).toEqual(['1,234,567', '1.2M', '12'])
    expect([bytes(999), bytes(1000), bytes(999_600), bytes(12_345_678)]).toEqual([
      '999 bytes',
      '1.00 kB',
      '1.00 MB',
      '12.3 MB',
    ])
    expect([percent(0), percent(0.0001), percent(0.5), percent(0.99996, 2), percent(1)]).toEqual([
      '0.0 %',
      '< 0.1 %',
      '50.0 %',
      '> 99.99 %',
      '100.0 %',
    ])
    expect([tickPercent(0.9975), tickPercent(0.30000000000000004), tickPercent(1)]).toEqual([
      '99.75 %',
      '30 %',
      '100 %',
    ])
    expect([figure(0), figure(1500), figure(0.012345), figure(1.2e-7), figure(Number.NaN)]).toEqual([
      '0',
      '1,500',
      '0.01235',
      '1.20e-7',
      'not a number',
    ])
  })
})
