import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { drawFlow, histogram, lineChart, type Point } from '../../src/charts/index.js'
import type { Markup } from '../../src/pages/index.js'

const HOSTILE = `</title><script>alert(1)</script>"'&`

function parse(markup: Markup) {
  return parseHTML(`<!doctype html><html><body>${markup.text}</body></html>`).document
}

const words = { id: 'chart', title: 'A chart', description: 'What it shows.' }
const axes = { x: { label: 'step' }, y: { label: 'loss' } }

const falling: Point[] = Array.from({ length: 60 }, (_, i) => [i + 1, 10 / (i + 1)])

describe('lineChart', () => {
  it('is a drawing with a name for those who cannot see it, and a table of its numbers', () => {
    const document = parse(lineChart({ ...words, ...axes, series: [{ name: 'a', points: falling }] }))
    const svg = document.querySelector('svg')!
    expect(svg.getAttribute('role')).toBe('img')
    for (const id of svg.getAttribute('aria-labelledby')!.split(' ')) {
      expect(document.getElementById(id)?.textContent).toMatch(/A chart|What it shows/)
    }
    expect(document.querySelectorAll('details table tbody tr').length).toBe(40)
    expect(document.querySelector('tbody tr')!.textContent).toBe('110')
  })

  it('has its numbers in the table as they are, whatever an axis makes of them', () => {
    const coarse = { label: 'x', format: (value: number) => `1e${Math.round(Math.log10(value))}` }
    const points: Point[] = [
      [0.004, 0.5],
      [1234, 0.987654],
    ]
    const document = parse(lineChart({ ...words, x: coarse, y: coarse, series: [{ name: 'a', points }] }))
    const rows = [...document.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    )
    expect(rows).toEqual([
      ['0.004', '0.5'],
      ['1,234', '0.9877'],
    ])
  })

  it('names every tick that a logarithmic axis is given', () => {
    const log = { label: 'part', scale: 'log' as const, domain: [0.01, 1] as [number, number] }
    const ticks = [0.01, 0.02, 0.05, 0.069, 0.1, 0.2, 0.5, 0.9, 1]
    const axis = { ...log, ticks, format: (part: number) => `${part}!` }
    const points: Point[] = [
      [0.01, 0.01],
      [1, 1],
    ]
    const document = parse(lineChart({ ...words, x: axis, y: axis, series: [{ name: 'a', points }] }))
    for (const side of ['x', 'y']) {
      const names = [...document.querySelectorAll(`[data-part="${side}-axis tick label"] text`)]
      expect(names.map((name) => name.textContent)).toEqual(ticks.map((tick) => `${tick}!`))
      expect(document.querySelector(`[data-part="${side}-axis label"]`)!.textContent).toBe('part')
    }
  })

  it('gives no two of sixteen lines the same colour and dashes', () => {
    const series = Array.from({ length: 16 }, (_, i) => ({ name: `run ${i}`, points: falling }))
    const document = parse(lineChart({ ...words, ...axes, series }))
    const looks = [...document.querySelectorAll('.legend path')].map(
      (path) => `${path.getAttribute('stroke')} ${path.getAttribute('stroke-dasharray')}`,
    )
    expect(new Set(looks).size).toBe(16)
  })

  it('takes its colours from the page, and nothing from elsewhere', () => {
    const { text } = lineChart({ ...words, ...axes, series: [{ name: 'a', points: falling }] })
    expect(text).toContain('var(--series-1)')
    expect(text).not.toMatch(/https?:|<style|url\(|background:\s*white/)
  })

  it('names few lines at their ends, and many in a legend; lines differ by dashes', () => {
    const series = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ name: `run ${i}`, points: falling }))
    const few = parse(lineChart({ ...words, ...axes, series: series(3) }))
    expect(few.querySelectorAll('.legend').length).toBe(0)
    expect(few.querySelector('svg')!.textContent).toContain('run 2')
    const many = parse(lineChart({ ...words, ...axes, series: series(6) }))
    expect(many.querySelectorAll('.legend li').length).toBe(6)
    expect(many.querySelectorAll('svg [stroke-dasharray]').length).toBeGreaterThanOrEqual(5)
  })

  it('tears a line where a value is no number or cannot stand on a logarithmic axis', () => {
    const points: Point[] = [...falling.slice(0, 20), [21, Number.NaN], ...falling.slice(21)]
    const path = (chart: Markup) =>
      parse(chart).querySelector('[data-part="line"] path')!.getAttribute('d')!.match(/M/g)
    expect(path(lineChart({ ...words, ...axes, series: [{ name: 'a', points }] }))).toHaveLength(2)
    const y = { label: 'loss', scale: 'log' as const }
    const withZero: Point[] = [...falling.slice(0, 20), [21, 0], ...falling.slice(21)]
    expect(
      path(lineChart({ ...words, x: axes.x, y, series: [{ name: 'a', points: withZero }] })),
    ).toHaveLength(2)
  })

  it('shows a single point, and says where there is none', () => {
    const one = parse(lineChart({ ...words, ...axes, series: [{ name: 'a', points: [[1, 2]] }] }))
    expect(one.querySelectorAll('svg circle').length).toBe(1)
    const none = parse(lineChart({ ...words, ...axes, series: [{ name: 'a', points: [[1, Number.NaN]] }] }))
    expect(none.querySelectorAll('svg').length).toBe(0)
    expect(none.querySelector('figcaption')!.textContent).toContain('There are no numbers to draw.')
  })

  it('stays small, however many points there are', () => {
    const points = Array.from({ length: 200_000 }, (_, i): Point => [i, Math.sin(i) + 1e-5 * i])
    expect(lineChart({ ...words, ...axes, series: [{ name: 'a', points }] }).text.length).toBeLessThan(20_000)
  })

  it('shows hostile names as text', () => {
    const chart = {
      ...words,
      title: HOSTILE,
      description: HOSTILE,
      x: { label: HOSTILE },
      y: { label: HOSTILE },
    }
    const series = [
      { name: HOSTILE, points: falling.slice(0, 5) },
      { name: `b ${HOSTILE}`, points: falling },
    ]
    const document = parse(lineChart({ ...chart, series }))
    expect(document.querySelectorAll('script').length).toBe(0)
    expect(document.querySelector('h3')!.textContent).toBe(HOSTILE)
  })
})

describe('histogram', () => {
  const bins = [1, 2, 4, 8].map((from, i) => ({ from, to: 2 * from, count: [5, 0, 12, 3][i]! }))
  const chart = { ...words, x: { label: 'images', scale: 'log' as const, base: 2 }, counted: 'people' }

  it('draws a bar with its number for each bin that is not empty, and all bins in the table', () => {
    const document = parse(histogram({ ...chart, series: [{ name: 'a', bins }] }))
    expect(document.querySelectorAll('[data-part="rect"] rect').length).toBe(3)
    expect(document.querySelector('svg')!.textContent).toContain('12')
    const rows = [...document.querySelectorAll('tbody tr')].map((row) => row.textContent)
    expect(rows).toEqual(['1 to 2525.0 %', '2 to 400.0 %', '4 to 81260.0 %', '8 to 16315.0 %'])
  })

  it('names the edges of bins in the table as they are', () => {
    const x = { label: 'bytes', format: () => 'about 1K' }
    const wide = [{ from: 1234, to: 1346, count: 2 }]
    const document = parse(histogram({ ...words, x, counted: 'images', series: [{ name: 'a', bins: wide }] }))
    expect(document.querySelector('tbody th')!.textContent).toBe('1,234 to 1,346')
  })

  it.each([1, 2, 3, 7])('counts in whole numbers, %i at most', (most) => {
    const few = [{ from: 1, to: 2, count: most }]
    const document = parse(histogram({ ...chart, series: [{ name: 'a', bins: few }] }))
    const ticks = [...document.querySelectorAll('[data-part="y-axis tick label"] text')]
    expect(ticks.length).toBeGreaterThan(1)
    for (const { textContent } of ticks) expect(textContent).toMatch(/^\d+$/)
  })

  it('lays two series over each other, each by its own sum', () => {
    const series = [
      { name: 'same', bins },
      { name: 'different', bins: bins.map((bin) => ({ ...bin, count: 100 * bin.count })) },
    ]
    const document = parse(histogram({ ...chart, series, heights: 'share' }))
    const heights = [...document.querySelectorAll('[data-part="rect"]')].map((group) =>
      [...group.querySelectorAll('rect')].map((bar) => bar.getAttribute('height')),
    )
    expect(heights).toHaveLength(2)
    expect(heights[0]).toEqual(heights[1])
    expect(document.querySelectorAll('.legend li').length).toBe(2)
  })

  it('says where nothing was counted', () => {
    const document = parse(histogram({ ...chart, series: [{ name: 'a', bins: [] }] }))
    expect(document.querySelectorAll('svg').length).toBe(0)
  })
})

describe('drawFlow', () => {
  const source = (title: string, part: number) => ({ title, lines: ['folder'], part, from: [] })

  it('draws streams as wide as their parts, and names as text', () => {
    const root = {
      title: 'all',
      lines: ['100 images'],
      part: 1,
      from: [source('a', 0.75), { ...source('b', 0.25), from: [source(HOSTILE, 0.25)] }],
    }
    const document = parse(drawFlow(root, words))
    const widths = [...document.querySelectorAll('path')].map((path) =>
      Number(path.getAttribute('stroke-width')),
    )
    expect(widths.sort((a, b) => b - a)).toEqual([25.5, 8.5, 8.5])
    expect(document.querySelectorAll('rect').length).toBe(4)
    expect(document.querySelectorAll('script').length).toBe(0)
  })

  it('draws the largest of many sources and one box for the others', () => {
    const from = Array.from({ length: 500 }, (_, i) => source(`s${i}`, i / 124_750))
    const document = parse(drawFlow({ title: 'all', lines: [], part: 1, from }, words))
    expect(document.querySelectorAll('rect').length).toBe(13)
    expect(document.querySelector('svg')!.textContent).toContain('489 others')
    expect(document.querySelector('svg')!.textContent).toContain('s499')
  })
})
