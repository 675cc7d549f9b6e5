import type { TerminalStyle } from './style.js'

/** From low to high. */
const BLOCKS = '▁▂▃▄▅▆▇█'
const ASCII = '.:-=+*%#'

const LEVELS = BLOCKS.length

/**
 * A curve: a character for each value, by its place between the lowest and the highest. Numbers that are none leave a
 * gap.
 */
export function curveText(values: ArrayLike<number>, style: Pick<TerminalStyle, 'unicode'>): string {
  const finite = Array.from(values).filter(Number.isFinite)
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const level = (value: number): number =>
    high === low ? LEVELS >> 1 : Math.round(((LEVELS - 1) * (value - low)) / (high - low))
  return Array.from(values, (value) =>
    Number.isFinite(value) ? characterOf(level(value), style) : ' ',
  ).join('')
}

/** Bars of a histogram, from nothing, which is a blank, to the largest. What is not nothing shows. */
export function barsText(counts: ArrayLike<number>, style: Pick<TerminalStyle, 'unicode'>): string {
  const most = Array.from(counts).reduce((a, b) => Math.max(a, b), 0)
  return Array.from(counts, (count) =>
    count === 0 ? ' ' : characterOf(Math.ceil((LEVELS * count) / most) - 1, style),
  ).join('')
}

/** At most `columns` values: means of parts that are as long as each other, but for one value. */
export function resample(values: ArrayLike<number>, columns: number): number[] {
  const { length } = values
  if (length <= columns) return Array.from(values)
  return Array.from({ length: columns }, (_, column) => {
    const first = Math.floor((column * length) / columns)
    const end = Math.floor(((column + 1) * length) / columns)
    let sum = 0
    for (let i = first; i < end; i++) sum += values[i]!
    return sum / (end - first)
  })
}

function characterOf(level: number, { unicode }: Pick<TerminalStyle, 'unicode'>): string {
  return (unicode ? BLOCKS : ASCII)[level]!
}
