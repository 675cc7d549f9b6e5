/**
 * Eight colours that people with colour-blindness tell apart, after Okabe and Ito; each stands out from its ground by
 * 3:1 at least, on light and on dark pages. Lines differ by their dashes too.
 */
const COLOURS = 8

const DASHES = ['', '7 3', '2 3', '9 3 2 3', '12 4', '4 2', '1 2', '14 3 4 3']

/** Colour of a series, as the style of the page has it: see `style.ts` in `pages/`. */
export function seriesColour(index: number): string {
  return `var(--series-${(index % COLOURS) + 1})`
}

/** Dashes of a series; the first one is drawn through. Where the colours begin again, each has other dashes. */
export function seriesDashes(index: number): string {
  return DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length]!
}
