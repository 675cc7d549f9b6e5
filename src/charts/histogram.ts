import { gridY, rectY, ruleX, ruleY, text } from '@observablehq/plot'
import { type Content, count, figure, type Markup, percent, shortCount, tickPercent } from '../pages/index.js'
import type { Axis } from './axis.js'
import { type DrawingText, draw, namedAxis, scaleOptions } from './canvas.js'
import { chartFigure } from './chart-figure.js'
import { seriesColour } from './palette.js'

/** Values from `from` up to and without `to`. */
export interface Bin {
  from: number
  to: number
  count: number
  /** As it is called; `from to to` without it. */
  name?: string
}

export interface Histogram extends DrawingText {
  series: { name: string; bins: Bin[] }[]
  x: Axis
  /** What is counted. */
  counted: string
  /** `share`: each series is measured by its own sum. */
  heights?: 'count' | 'share'
  guides?: { x: number; label: string }[]
  note?: Content
}

/** About so many, up the axis of counts. */
const TICKS = 5

/** So many bars have room for their numbers. */
const NUMBERED_BARS = 13

/** Bars over bins of an axis of numbers; several series lie over each other. */
export function histogram(chart: Histogram): Markup {
  const { id, title, description, series, note } = chart
  const drawn = series.some(({ bins }) => bins.some((bin) => bin.count > 0))
  return chartFigure({
    id,
    title,
    description: drawn ? description : `${description} There are no numbers to draw.`,
    drawing: drawn ? drawBars(chart) : undefined,
    ...(series.length > 1 && { legend: series.map(({ name }) => name) }),
    table: tableOf(chart),
    ...(note !== undefined && { note }),
  })
}

function drawBars({ series, x, counted, heights, guides = [], ...words }: Histogram): Markup {
  const sums = series.map(({ bins }) => (heights === 'share' ? sumOf(bins) || 1 : 1))
  const numbered = series.length === 1 && series[0]!.bins.length <= NUMBERED_BARS
  const marks = series.flatMap(({ name, bins }, i) => {
    const bars = bins.filter((bin) => bin.count > 0).map((bin) => ({ ...bin, height: bin.count / sums[i]! }))
    const colour = seriesColour(i)
    const tip = (bin: Bin) => `${name}\n${nameOf(bin)}: ${count(bin.count)} ${counted}`
    return [
      rectY(bars, {
        x1: 'from',
        x2: 'to',
        y1: 0,
        y2: 'height',
        fill: colour,
        insetLeft: series.length > 1 ? 0 : 0.75,
        insetRight: series.length > 1 ? 0 : 0.75,
        ...(series.length > 1 && { fillOpacity: 0.45, stroke: colour, strokeWidth: 0.75 }),
        title: tip,
      }),
      ...(numbered ? [numbersOf(bars, x)] : []),
    ]
  })
  const label = heights === 'share' ? `share of ${counted}` : counted
  const format = heights === 'share' ? tickPercent : shortCount
  const tallest = series.flatMap(({ bins }) => bins).reduce((most, bin) => Math.max(most, bin.count), 0)
  // Things that are counted come whole.
  const ticks = heights === 'share' ? TICKS : Math.min(TICKS, tallest)
  return draw(
    {
      x: scaleOptions(x),
      y: { ...scaleOptions({ label, format }), ticks, zero: true },
      marks: [
        gridY({ ticks }),
        ...namedAxis('x', x),
        ...marks,
        ruleY([0], { stroke: 'currentColor' }),
        ruleX(guides, { x: 'x', stroke: 'currentColor', strokeDasharray: '3 3' }),
        ...guides.map((guide) => guideLabel(guide, series)),
      ],
    },
    words,
  )
}

/** Above the drawing, on the side where there is room. */
function guideLabel(guide: { x: number; label: string }, series: Histogram['series']) {
  const edges = series.flatMap(({ bins }) => bins.flatMap(({ from, to }) => [from, to]))
  const left = guide.x < (Math.min(...edges) + Math.max(...edges)) / 2
  return text([guide], {
    x: 'x',
    text: 'label',
    frameAnchor: 'top',
    textAnchor: left ? 'start' : 'end',
    dx: left ? 4 : -4,
    dy: -10,
  })
}

function numbersOf(bars: (Bin & { height: number })[], { scale }: Axis) {
  const middle = ({ from, to }: Bin) => (scale === 'log' ? Math.sqrt(from * to) : (from + to) / 2)
  return text(bars, {
    x: middle,
    y: 'height',
    text: (bar: Bin) => shortCount(bar.count),
    dy: -8,
    fontSize: 11,
  })
}

function tableOf({ title, series, x, counted }: Histogram) {
  const bins = longest(series)
  return {
    caption: title,
    columns: [
      { title: x.label },
      ...series.flatMap(({ name }) => [
        { title: series.length > 1 ? name : counted, numeric: true },
        { title: 'Share', numeric: true },
      ]),
    ],
    rows: bins.map((bin) => [
      nameOf(bin),
      ...series.flatMap(({ bins: own }) => {
        const found = own.find(({ from }) => from === bin.from)?.count ?? 0
        return [count(found), percent(found / (sumOf(own) || 1))]
      }),
    ]),
  }
}

/** The bins of all series, in order. */
function longest(series: Histogram['series']): Bin[] {
  const all = new Map(series.flatMap(({ bins }) => bins.map((bin) => [bin.from, bin] as const)))
  return [...all.values()].sort((a, b) => a.from - b.from)
}

function nameOf({ from, to, name }: Bin): string {
  return name ?? `${figure(from)} to ${figure(to)}`
}

function sumOf(bins: Bin[]): number {
  return bins.reduce((sum, bin) => sum + bin.count, 0)
}
