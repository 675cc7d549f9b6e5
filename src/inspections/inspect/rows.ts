import { paint, type TerminalStyle } from '../../terminal/index.js'

/** A line of a summary: what it is about, and what is said of it. An empty caption goes on with the line above. */
export type Row = readonly [caption: string, text: string]

const INDENT = '  '

/** The first line of a summary. */
export function heading(name: string, text: string, style: TerminalStyle): string {
  return `${paint(`${name}:`, 'bold', style)} ${text}`
}

/** Lines with the captions in one column and the texts in another. */
export function formatRows(rows: readonly Row[], style: TerminalStyle): string[] {
  const width = Math.max(0, ...rows.map(([caption]) => caption.length))
  return rows.map(([caption, text]) => `${INDENT}${paint(caption.padEnd(width), 'dim', style)}  ${text}`)
}

/** A row a text, `most` at most: the last one then tells how many more there are. */
export function someRows(caption: string, texts: readonly string[], most: number): Row[] {
  const shown = texts.length > most ? texts.slice(0, most - 1) : texts
  const rows = shown.map((text, i): Row => [i === 0 ? caption : '', text])
  const others = texts.length - shown.length
  return others === 0 ? rows : [...rows, ['', `and ${others} more: --json has all`]]
}

/** `a, b and 3 more` */
export function someOf(texts: readonly string[], most: number): string {
  const others = texts.length - most
  return others > 0 ? `${texts.slice(0, most).join(', ')} and ${others} more` : texts.join(', ')
}
