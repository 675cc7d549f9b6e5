import { dot, gridX, gridY, line } from '@observablehq/plot'
import { type Content, figure, type Markup } from '../pages/index.js'
import { type Axis, shows } from './axis.js'
import { type DrawingText, draw, MARGINS, namedAxis, scaleOptions } from './canvas.js'
import { chartFigure } from './chart-figure.js'
import { endLabelWidth, MOST_END_LABELS, writeEndLabels } from './end-labels.js'
import { seriesColour, seriesDashes } from './palette.js'
import { type Point, spread, thinCurve } from './thin-curve.js'

/** A named curve. */
export interface Series {
  name: string
  /** By x. Where y is NaN, the line is torn. */
  points: readonly Point[]
}

export interface LineChart extends DrawingText {
  series: Series[]
  x: Axis
  y: Axis
  /** `step`: a value holds until the next one. */
  curve?: 'linear' | 'step'
  /** Names stand in a legend, for lines that end at one place. */
  legend?: true
  note?: Content
}

/** Points of one line in a drawing: a pixel has no more to show. */
const DRAWN_POINTS = 400
/** Lines of so few points show each of them. */
const DOTTED_POINTS = 30
const TABLE_ROWS = 40

/** Lines over an axis of numbers. */
export function lineChart(chart: LineChart): Markup {
  const { id, title, series, x, y, note } = chart
  const shown = series.map(({ name, points }) => ({ name, points: visible(points, x, y) }))
  const drawn = shown.some(({ points }) => points.some(([, value]) => Number.isFinite(value)))
  const many = series.length > MOST_END_LABELS || (chart.legend === true && series.length > 1)
  return chartFigure({
    id,
    title,
    description: drawn ? chart.description : `${chart.description} There are no numbers to draw.`,
    drawing: drawn ? drawLines(chart, shown, many) : undefined,
    ...(many && { legend: series.map(({ name }) => name) }),
    table: tableOf(chart),
    ...(note !== undefined && { note }),
  })
}

/** What an axis cannot show tears the line. */
function visible(points: readonly Point[], x: Axis, y: Axis): Point[] {
  const placed = points
    .filter(([at]) => shows(x, at))
    .map(([at, value]): Point => [at, shows(y, value) ? value : Number.NaN])
  return thinCurve(placed, DRAWN_POINTS)
}

function drawLines({ x, y, curve, ...words }: LineChart, series: Series[], many: boolean): Markup {
  const named = !many && series.length > 1
  const names = series.map(({ name }) => name)
  const margin = named ? endLabelWidth(names) : MARGINS.marginRight
  const lines = series.flatMap(({ name, points }, i) => {
    const colour = seriesColour(i)
    const dotted = points.length <= DOTTED_POINTS
    const tip = ([at, value]: Point) => `${name}\n${x.label}: ${figure(at)}\n${y.label}: ${figure(value)}`
    return [
      line(points as Point[], {
        x: '0',
        y: '1',
        stroke: colour,
        strokeWidth: 2,
        curve: curve === 'step' ? 'step-after' : 'linear',
        ...(seriesDashes(i) && { strokeDasharray: seriesDashes(i) }),
      }),
      ...(dotted ? [dot(points as Point[], { x: '0', y: '1', fill: colour, r: 2.5, title: tip })] : []),
    ]
  })
  return draw(
    {
      marginRight: margin,
      x: scaleOptions(x),
      y: scaleOptions(y),
      marks: [
        gridY({ ...(y.ticks && { ticks: y.ticks }) }),
        gridX({ ...(x.ticks && { ticks: x.ticks }) }),
        ...namedAxis('x', x),
        ...namedAxis('y', y),
        ...lines,
      ],
    },
    words,
    (drawing, placeOf) => {
      if (!named) return
      const ends = series.map(({ points }) => {
        const last = points.findLast(([, value]) => Number.isFinite(value))
        return last === undefined ? MARGINS.marginTop : placeOf(last[1])
      })
      writeEndLabels(drawing, names, ends, margin)
    },
  )
}

function tableOf({ title, series, x, y }: LineChart) {
  const several = series.length > 1
  const rows = series.flatMap(({ name, points }) =>
    spread(points, TABLE_ROWS).map(([at, value]) => [
      ...(several ? [name] : []),
      // An axis has room for round numbers alone, and its format makes them so.
      figure(at),
      figure(value),
    ]),
  )
  const thinned = series.some(({ points }) => points.length > TABLE_ROWS)
  return {
    caption: thinned ? `${title}: ${TABLE_ROWS} of the points of each line` : title,
    columns: [
      ...(several ? [{ title: 'Line' }] : []),
      { title: x.label, numeric: true },
      { title: y.label, numeric: true },
    ],
    rows,
  }
}
