import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { consoleProgress } from '../../src/cli/console-progress.js'

let written: string[]
beforeEach(() => {
  written = []
  vi.useFakeTimers()
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it('says rate and time left in plain lines, at most every 15 seconds', () => {
  const progress = consoleProgress()
  progress.start('packing', 4000, 'images')
  vi.advanceTimersByTime(10_000)
  progress.advance(1000)
  expect(written).toEqual([])
  vi.advanceTimersByTime(10_000)
  progress.advance(1000)
  vi.advanceTimersByTime(1000)
  progress.advance(10)
  expect(written).toEqual(['packing: 2,000/4,000 images, 100/s, 20 s left\n'])
})
