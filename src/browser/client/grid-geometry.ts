/** Tiles in the document at most, those outside of the window among them: with what else there is, below 500 nodes. */
export const MOST_TILES = 72

/** Rows above and below the window that are there before they are scrolled to. */
export const ROWS_AROUND = 1

/** Pixels of the taller part of a page: browsers know no larger number of them (Firefox: 17.9 million). */
const MOST_PIXELS = 15_000_000

/** Pictures are asked for in sides that are a multiple of a JPEG's blocks, up to what the server makes. */
const SIDE_STEP = 16
const MOST_SIDE = 256

/** How tiles lie in a grid, in CSS pixels. */
export interface GridGeometry {
  columns: number
  rows: number
  rowHeight: number
  /** Of all rows. */
  height: number
  /** Of the element that is scrolled: less than `height` for millions of rows. */
  scrolled: number
  /** Rows that are in the document at once. */
  slots: number
  /** Side of a picture, pixels of the screen, as they are asked for. */
  pixels: number
}

export interface GridRoom {
  /** Of the grid. */
  width: number
  /** Of the window. */
  height: number
  total: number
  /** Least width of a tile, and the height of what stands below its square picture. */
  tile: number
  caption: number
  /** Pixels of the screen in a CSS pixel. */
  density: number
}

/** Tiles are as small as they may be, but no smaller than keeps their number below `MOST_TILES`. */
export function geometryOf({ width, height, total, tile, caption, density }: GridRoom): GridGeometry {
  let columns = Math.max(2, Math.floor(width / tile))
  for (; columns > 2; columns--) if (columns * slotsOf(width, height, columns, caption) <= MOST_TILES) break
  const rowHeight = rowHeightOf(width, columns, caption)
  const rows = Math.ceil(total / columns)
  const all = rows * rowHeight
  return {
    columns,
    rows,
    rowHeight,
    height: all,
    scrolled: Math.min(all, MOST_PIXELS),
    slots: slotsOf(width, height, columns, caption),
    pixels: Math.min(MOST_SIDE, SIDE_STEP * Math.ceil((density * (rowHeight - caption)) / SIDE_STEP)),
  }
}

/** The rows of a window, and where they stand in the element that is scrolled. */
export interface GridWindow {
  firstRow: number
  /** Behind the last one. */
  endRow: number
  /** To be added to `row * rowHeight`. */
  shift: number
}

/** @param scrolled how far the upper edge of the window stands below that of the grid */
export function windowOf(grid: GridGeometry, scrolled: number, height: number): GridWindow {
  const stretch = stretchOf(grid, height)
  const top = scrolled * stretch
  const firstRow = Math.max(0, Math.floor(top / grid.rowHeight) - ROWS_AROUND)
  const endRow = Math.min(grid.rows, firstRow + grid.slots)
  return { firstRow, endRow, shift: scrolled - top }
}

/** How far to scroll so that a row is in the window; undefined where it is already. */
export function scrollTo(
  grid: GridGeometry,
  row: number,
  { scrolled, height, covered }: { scrolled: number; height: number; covered: number },
): number | undefined {
  const stretch = stretchOf(grid, height)
  const top = scrolled * stretch
  const [start, end] = [row * grid.rowHeight, (row + 1) * grid.rowHeight]
  if (start < top + covered) return (start - covered) / stretch
  if (end > top + height) return (end - height) / stretch
  return undefined
}

/** How many pixels of all rows one scrolled pixel stands for. */
function stretchOf({ height: all, scrolled }: GridGeometry, height: number): number {
  return scrolled <= height ? 1 : Math.max(1, (all - height) / (scrolled - height))
}

function rowHeightOf(width: number, columns: number, caption: number): number {
  return Math.floor(width / columns) + caption
}

function slotsOf(width: number, height: number, columns: number, caption: number): number {
  return Math.ceil(height / rowHeightOf(width, columns, caption)) + 1 + 2 * ROWS_AROUND
}
