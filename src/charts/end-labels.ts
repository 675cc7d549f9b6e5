import { type DrawnElement, element, HEIGHT, MARGINS, WIDTH } from './canvas.js'
import { seriesColour } from './palette.js'

/** More lines than this are told apart by a legend. */
export const MOST_END_LABELS = 4

const LINE_HEIGHT = 15
/** Characters of a name. */
const LONGEST = 14
const CHARACTER_WIDTH = 7.8

/** Room to the right of the lines for their names. */
export function endLabelWidth(names: string[]): number {
  const longest = names.reduce((most, name) => Math.max(most, shortName(name).length), 0)
  return Math.ceil(longest * CHARACTER_WIDTH) + 12
}

/**
 * Writes the name of each line where it ends, in its colour; names that would touch move apart.
 * @param ends place of the last point of each line, in pixels from the top
 */
export function writeEndLabels(drawing: DrawnElement, names: string[], ends: number[], margin: number): void {
  const places = moveApart(ends)
  const group = element('g', { 'aria-hidden': 'true', 'font-weight': 600, 'text-anchor': 'start' })
  for (const [i, name] of names.entries()) {
    const x = WIDTH - margin + 7
    const label = element(
      'text',
      { x, y: round(places[i]!), dy: '0.32em', fill: seriesColour(i) },
      shortName(name),
    )
    group.append(label)
  }
  drawing.append(group)
}

/** Places in the same order from top to bottom, one line apart at least, within the drawing. */
export function moveApart(ends: number[]): number[] {
  const order = ends.map((_, i) => i).sort((a, b) => ends[a]! - ends[b]! || a - b)
  const places = [...ends]
  let free = MARGINS.marginTop
  for (const i of order) {
    places[i] = Math.max(ends[i]!, free)
    free = places[i]! + LINE_HEIGHT
  }
  let floor = HEIGHT - MARGINS.marginBottom
  for (const i of order.reverse()) {
    places[i] = Math.min(places[i]!, floor)
    floor = places[i]! - LINE_HEIGHT
  }
  return places
}

/** Names of runs often begin alike: the end tells more. */
function shortName(name: string): string {
  const characters = [...name]
  return characters.length <= LONGEST ? name : `…${characters.slice(1 - LONGEST).join('')}`
}

function round(value: number): number {
  return Math.round(10 * value) / 10
}
