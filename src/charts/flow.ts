import { html, type Markup } from '../pages/index.js'

/** Something that flows into what it is a part of. */
export interface FlowNode {
  title: string
  /** Below the title, a line each. */
  lines: string[]
  /** Part of the whole, 0 to 1: the width of its stream. Undefined where it is not known. */
  part?: number | undefined
  from: FlowNode[]
}

const NODE_WIDTH = 190
const GAP = 62
const SPACE = 14
const TITLE_HEIGHT = 30
const LINE_HEIGHT = 16
const WIDEST_STREAM = 34
const CHARACTERS = 25
/** Sources of one node that are drawn; the table has all. */
const MOST_SOURCES = 12

interface Placed {
  node: FlowNode
  x: number
  /** Middle. */
  y: number
  height: number
  from: Placed[]
}

/** A tree from left to right, its root the last: streams are as wide as the parts that flow through them. */
export function drawFlow(
  root: FlowNode,
  { id, title, description }: { id: string; title: string; description: string },
): Markup {
  const columns = depthOf(root)
  const { placed, bottom } = place(withFew(root), columns - 1, SPACE / 2)
  const width = columns * NODE_WIDTH + (columns - 1) * GAP + 2
  const height = Math.ceil(bottom)
  const all = flatten(placed)
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-size="12.5" fill="currentColor"><title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
<g fill="none" stroke="var(--series-1)" stroke-opacity="0.45">${all.flatMap(streamsInto)}</g>
${all.map(box)}</svg>`
}

function depthOf({ from }: FlowNode): number {
  return 1 + from.reduce((most, node) => Math.max(most, depthOf(node)), 0)
}

function withFew(node: FlowNode): FlowNode {
  const { from } = node
  if (from.length <= MOST_SOURCES) return { ...node, from: from.map(withFew) }
  const shown = [...from].sort((a, b) => (b.part ?? 0) - (a.part ?? 0)).slice(0, MOST_SOURCES - 1)
  const others = from.filter((other) => !shown.includes(other))
  const part = others.reduce((sum, other) => sum + (other.part ?? 0), 0)
  const rest = { title: `${others.length} others`, lines: ['see the table'], part, from: [] }
  return { ...node, from: [...shown.map(withFew), rest] }
}

/** @param column from the left @param top where there is room @returns how far down it reaches */
function place(node: FlowNode, column: number, top: number): { placed: Placed; bottom: number } {
  const height = TITLE_HEIGHT + LINE_HEIGHT * node.lines.length
  const x = column * (NODE_WIDTH + GAP) + 1
  const from: Placed[] = []
  let bottom = top
  for (const source of node.from) {
    const below = place(source, column - 1, bottom)
    from.push(below.placed)
    bottom = below.bottom
  }
  if (from.length === 0) {
    return { placed: { node, x, y: top + height / 2, height, from }, bottom: top + height + SPACE }
  }
  const middle = (from[0]!.y + from.at(-1)!.y) / 2
  const y = Math.max(middle, top + height / 2)
  return { placed: { node, x, y, height, from }, bottom: Math.max(bottom, y + height / 2 + SPACE) }
}

function flatten(placed: Placed): Placed[] {
  return [placed, ...placed.from.flatMap(flatten)]
}

function widthOf(part: number | undefined): number {
  return part === undefined ? 1.5 : Math.max(1.5, WIDEST_STREAM * Math.min(1, part))
}

/** The streams of its sources lie side by side where they arrive. */
function streamsInto({ x, y, from }: Placed): Markup[] {
  const widths = from.map(({ node }) => widthOf(node.part))
  let at = y - widths.reduce((sum, width) => sum + width, 0) / 2
  return from.map((source, i) => {
    const end = at + widths[i]! / 2
    at += widths[i]!
    const start = source.x + NODE_WIDTH
    const bend = start + (x - start) / 2
    return html`<path d="M${start} ${round(source.y)}C${bend} ${round(source.y)} ${bend} ${round(end)} ${x} ${round(end)}" stroke-width="${round(widths[i]!)}"/>`
  })
}

function box({ node, x, y, height }: Placed): Markup {
  const top = y - height / 2
  const lines = node.lines.map(
    (line, i) =>
      html`<text x="${x + 12}" y="${round(top + TITLE_HEIGHT + 8 + i * LINE_HEIGHT)}" fill="var(--muted)" font-size="11.5">${short(line)}</text>`,
  )
  return html`<g><title>${[node.title, ...node.lines].join('\n')}</title><rect x="${x}" y="${round(top)}" width="${NODE_WIDTH}" height="${height}" rx="8" fill="var(--ground)" stroke="var(--line)"/><text x="${x + 12}" y="${round(top + 20)}" font-weight="600">${short(node.title)}</text>${lines}</g>
`
}

function short(text: string): string {
  const characters = [...text]
  return characters.length <= CHARACTERS ? text : `${characters.slice(0, CHARACTERS - 1).join('')}…`
}

function round(value: number): number {
  return Math.round(10 * value) / 10
}
