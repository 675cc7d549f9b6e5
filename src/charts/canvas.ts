import { axisX, axisY, type PlotOptions, plot } from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { Markup } from '../pages/index.js'
import type { Axis } from './axis.js'

/** Pixels of a chart at its own size: two and a half stand beside each other on a desk, one fills a phone. */
export const WIDTH = 440
export const HEIGHT = 250

export const MARGINS = { marginTop: 28, marginRight: 16, marginBottom: 42, marginLeft: 54 }

const FONT_SIZE = '12.5'

/** What drawing makes of the library's document, which has no types of a browser's. */
export interface DrawnElement {
  setAttribute(name: string, value: string): void
  getAttribute(name: string): string | null
  removeAttribute(name: string): void
  append(...children: unknown[]): void
  prepend(...children: unknown[]): void
  querySelectorAll(selector: string): Iterable<DrawnElement>
  remove(): void
  textContent: string
  outerHTML: string
}

interface Drawing extends DrawnElement {
  scale(name: string): { apply(value: number): number } | undefined
}

/** What is read out in the place of a drawing. */
export interface DrawingText {
  /** Of the chart in its page; no two share one. */
  id: string
  title: string
  description: string
}

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** Along a logarithmic axis the library leaves out names of ticks, also of those that it was given. */
function losesNames({ scale, ticks, format }: Axis): boolean {
  return scale === 'log' && ticks !== undefined && format !== undefined
}

/** An axis with the names of all its ticks, where the one that comes with the scale would lose some. */
export function namedAxis(side: 'x' | 'y', axis: Axis) {
  if (!losesNames(axis)) return []
  const { label, ticks = [], format = String } = axis
  const options = { text: (tick: number) => format(tick), label, labelArrow: 'none' as const }
  return [side === 'x' ? axisX(ticks, options) : axisY(ticks, options)]
}

/** The options of a scale for an axis. */
export function scaleOptions(axis: Axis) {
  const { label, scale = 'linear', base, domain, ticks, format } = axis
  return {
    ...(losesNames(axis) && { axis: null }),
    type: scale,
    label,
    labelArrow: 'none' as const,
    ...(base !== undefined && { base }),
    ...(domain !== undefined && { domain }),
    ...(ticks !== undefined && { ticks }),
    ...(format !== undefined && { tickFormat: format }),
  }
}

/**
 * Draws on a transparent ground in colours of the page. @param finish draws what the library has no mark for, with the
 * place in pixels of a value on the y axis
 */
export function draw(
  options: PlotOptions,
  text: DrawingText,
  finish: (drawing: DrawnElement, placeOf: (y: number) => number) => void = () => {},
): Markup {
  const size = { width: WIDTH, height: HEIGHT, ...MARGINS, ...options }
  const drawing = plot({ ...size, document: document as never }) as unknown as Drawing
  finish(drawing, (y) => drawing.scale('y')?.apply(y) ?? 0)
  for (const style of drawing.querySelectorAll('style')) style.remove()
  for (const name of ['class', 'fill', 'width', 'height', 'font-family', 'xmlns', 'xmlns:xlink']) {
    drawing.removeAttribute(name)
  }
  // Plot names its groups for those who read code; a group without a role has no name that is read out.
  for (const part of drawing.querySelectorAll('[aria-label]')) {
    part.setAttribute('data-part', part.getAttribute('aria-label')!)
    part.removeAttribute('aria-label')
  }
  drawing.setAttribute('fill', 'currentColor')
  drawing.setAttribute('font-size', FONT_SIZE)
  describe(drawing, text)
  return new Markup(drawing.outerHTML)
}

/** An element of a drawing. */
export function element(
  name: string,
  attributes: Record<string, string | number>,
  text?: string,
): DrawnElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name) as unknown as DrawnElement
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  if (text !== undefined) made.textContent = text
  return made
}

function describe(drawing: DrawnElement, { id, title, description }: DrawingText): void {
  drawing.setAttribute('role', 'img')
  drawing.setAttribute('aria-labelledby', `${id}-title ${id}-desc`)
  drawing.prepend(
    element('title', { id: `${id}-title` }, title),
    element('desc', { id: `${id}-desc` }, description),
  )
}
