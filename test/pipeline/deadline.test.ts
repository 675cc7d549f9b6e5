import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.js'
import { parseDeadline } from '../../src/pipeline/index.js'

/** Half past one at night, on the clock here. */
const now = new Date(2026, 0, 31, 1, 30)

describe('a deadline', () => {
  it.each([
    ['06:00', new Date(2026, 0, 31, 6, 0)],
    ['1:29', new Date(2026, 1, 1, 1, 29)],
    ['01:30', new Date(2026, 1, 1, 1, 30)],
    ['5h', new Date(2026, 0, 31, 6, 30)],
    ['5h30m', new Date(2026, 0, 31, 7, 0)],
    ['90min', new Date(2026, 0, 31, 3, 0)],
    ['45s', new Date(2026, 0, 31, 1, 30, 45)],
    ['2026-02-01T06:00', new Date(2026, 1, 1, 6, 0)],
    ['2026-02-01T06:00:00Z', new Date(Date.UTC(2026, 1, 1, 6, 0))],
  ])('%s is a time', (text, expected) => {
    expect(parseDeadline(text, now)).toEqual(expected)
  })

  it.each(['', '6', '24:00', '6:60', 'tomorrow', '5x', 'h', '0s', '2026-01-30T06:00', '-1h', '9999999999h'])(
    '%j is none',
    (text) => {
      expect(() => parseDeadline(text, now)).toThrow(UsageError)
    },
  )
})
