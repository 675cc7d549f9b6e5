import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StandardError } from '../../src/cli/standard-error.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const CLEAR = '\r\u001b[K'

/** Standard error of a terminal of 100 columns, or of none. */
function open(environment: NodeJS.ProcessEnv = {}, isTTY = false) {
  const written: string[] = []
  const stream = { isTTY, columns: 100, write: (text: string) => written.push(text) }
  return { written, error: new StandardError(stream, environment) }
}

describe('standard error of cron or a file', () => {
  it('has plain lines of progress, ever more seldom, and one at the end', () => {
    const { written, error } = open()
    error.start('packing', 4000, 'images')
    for (let second = 1; second <= 110; second++) {
      vi.advanceTimersByTime(1000)
      error.advance(20, { skipped: second === 12 ? 2 : 0 })
    }
    error.finish()
    expect(written).toEqual([
      'packing: 300/4,000 images, 20/s, 3 min left, 2 skipped\n',
      'packing: 900/4,000 images, 20/s, 3 min left, 2 skipped\n',
      'packing: 2,100/4,000 images, 20/s, 2 min left, 2 skipped\n',
      'packing: 2,200/4,000 images in 2 min, 20/s, 2 skipped\n',
    ])
  })

  it('has none of a phase that is over within 15 seconds', () => {
    const { written, error } = open()
    for (const phase of ['packing', 'joining']) {
      error.start(phase, 10, 'images')
      vi.advanceTimersByTime(14_000)
      error.advance(10)
    }
    error.finish()
    expect(written).toEqual([])
  })

  it('has no colour, no bar and no other characters than ASCII of its own', () => {
    const { written, error } = open({ LANG: 'en_US.UTF-8' })
    error.start('packing', 10, 'images')
    error.info('news')
    error.warn('odd')
    error.error('failed')
    expect(written).toEqual(['news\n', 'warning: odd\n', 'facedata: failed\n'])
  })
})

describe('standard error of a terminal', () => {
  it('has a bar with rate, time left and what was skipped, in one line that is written over', () => {
    const { written, error } = open({ LANG: 'en_US.UTF-8', NO_COLOR: '1' }, true)
    error.start('packing', 4000, 'images')
    vi.advanceTimersByTime(1000)
    error.advance(1000, { skipped: 1 })
    expect(written).toEqual([
      `\rpacking [${'░'.repeat(24)}] 0/4,000 images\u001b[K`,
      `\rpacking [${'█'.repeat(6)}${'░'.repeat(18)}] 1,000/4,000 images, 1,000/s, 3 s left, 1 skipped\u001b[K`,
    ])
    vi.advanceTimersByTime(1000)
    error.finish()
    expect(written.slice(2)).toEqual([CLEAR, 'packing: 1,000/4,000 images in 2 s, 500/s, 1 skipped\n'])
  })

  it('draws the bar in ASCII where the locale has no more', () => {
    const { written, error } = open({ LANG: 'C', NO_COLOR: '1' }, true)
    error.start('packing', 10, 'images')
    vi.advanceTimersByTime(1000)
    error.advance(5)
    expect(written.at(-1)).toContain(`[${'='.repeat(12)}${'-'.repeat(12)}]`)
  })

  it('draws at most ten times a second', () => {
    const { written, error } = open({}, true)
    error.start('packing', 10_000, 'images')
    for (let i = 0; i < 1000; i++) {
      vi.advanceTimersByTime(1)
      error.advance(10)
    }
    expect(written.length).toBeLessThanOrEqual(11)
  })

  it('keeps lines of news above the bar, and leaves no bar behind a short phase', () => {
    const { written, error } = open({ NO_COLOR: '1' }, true)
    error.start('packing', 10, 'images')
    const bar = written[0]!.slice(1, -3)
    error.warn('odd')
    expect(written.slice(1)).toEqual([CLEAR, 'warning: odd\n', bar])
    error.finish()
    expect(written.slice(4)).toEqual([CLEAR])
    error.info('after')
    expect(written.slice(5)).toEqual(['after\n'])
  })

  it('has no bar where the total is not known', () => {
    const { written, error } = open({ NO_COLOR: '1' }, true)
    error.start('downloading', undefined, 'MB')
    vi.advanceTimersByTime(2000)
    error.advance(100)
    expect(written.at(-1)).toBe('\rdownloading 100 MB, 50/s\u001b[K')
  })

  it('stays within the line of a narrow window', () => {
    const written: string[] = []
    const stream = { isTTY: true, columns: 30, write: (text: string) => written.push(text) }
    const error = new StandardError(stream, { NO_COLOR: '1' })
    error.start('embedding a dataset of a long name', 4000, 'images')
    expect(written[0]).toBe('\rembedding a dataset of a long\u001b[K')
  })

  it('paints what warns and what fails', () => {
    const { written, error } = open({}, true)
    error.warn('odd')
    error.error('failed')
    expect(written).toEqual(['\u001b[33mwarning:\u001b[39m odd\n', '\u001b[31mfacedata:\u001b[39m failed\n'])
  })
})
