import { element, setAttribute } from './element.js'
import { Picture } from './picture.js'

/** A tile of a grid, used again for one row after another. */
export interface Tile<Row> {
  element: HTMLElement
  /** Shows what costs little: rows that are only scrolled past show no more. @param row undefined until it is loaded */
  show(row: Row | undefined): void
  /** Shows the rest of the same row: what a pointer finds. */
  complete(row: Row): void
}

/** A row of tiles with their pictures, which are one, used again for one row of a grid after another. */
export class GridRow<Row> {
  readonly element: HTMLElement
  readonly #tiles: readonly Tile<Row>[]
  /** By column, what the tiles show, and of what they show all. */
  readonly #shown: (Row | undefined)[]
  readonly #completed: (Row | undefined)[]
  readonly #strip = new Picture()
  #hasStrip = false
  #index = -1
  #since = Number.NEGATIVE_INFINITY
  /** Tiles that stand for something: fewer in the last row of a grid. */
  #columns = 0
  /** Undefined where it is hidden. */
  #top: number | undefined

  constructor(tiles: readonly Tile<Row>[], name: string) {
    this.#tiles = tiles
    this.#shown = tiles.map(() => undefined)
    this.#completed = tiles.map(() => undefined)
    for (const [column, { element: tile }] of tiles.entries()) {
      tile.id = `${name}-${column}`
      tile.tabIndex = -1
      setAttribute(tile, 'role', 'gridcell')
      setAttribute(tile, 'aria-colindex', column + 1)
    }
    this.#strip.element.classList.add('strip')
    this.element = element(
      'div',
      { class: 'row', role: 'row' },
      this.#strip.element,
      ...tiles.map((tile) => tile.element),
    )
    this.element.style.visibility = 'hidden'
  }

  /** Which row of the grid it shows; -1 for none. */
  get index(): number {
    return this.#index
  }

  /** Milliseconds, as frames tell the time: since when it shows that row. The first one it has always shown. */
  get since(): number {
    return this.#since
  }

  tile(column: number): HTMLElement | undefined {
    return this.#tiles[column]?.element
  }

  columnOf(tile: Element): number {
    return this.#tiles.findIndex((one) => one.element === tile)
  }

  /**
   * @param rows those of its columns, undefined where they are not loaded; fewer than columns in the last row
   * @returns whether that changed anything
   */
  show(index: number, rows: readonly (Row | undefined)[], now: number): boolean {
    const before = this.#index
    let hasChanged = before !== index
    if (hasChanged) {
      this.#index = index
      if (before !== -1) this.#since = now
      setAttribute(this.element, 'aria-rowindex', index + 1)
      this.#size(rows.length)
    }
    for (const [column, tile] of this.#tiles.entries()) {
      const isHidden = column >= rows.length
      if (tile.element.hidden !== isHidden) tile.element.hidden = isHidden
      const row = rows[column]
      if (isHidden || (before !== -1 && row === this.#shown[column])) continue
      this.#shown[column] = row
      this.#completed[column] = undefined
      tile.show(row)
      hasChanged = true
    }
    if (hasChanged) {
      this.#strip.clear()
      this.#hasStrip = false
    }
    return hasChanged
  }

  /** @param top CSS pixels below the upper edge of the grid; undefined hides it */
  place(top: number | undefined): void {
    if (this.#top === top) return
    if (top !== undefined) this.element.style.transform = `translateY(${top}px)`
    if (top === undefined || this.#top === undefined) {
      this.element.style.visibility = top === undefined ? 'hidden' : 'visible'
    }
    this.#top = top
  }

  /** Whether all that is loaded is shown whole. */
  get isComplete(): boolean {
    if (!this.#hasStrip && this.#rows.every((row) => row !== undefined)) return false
    return this.#shown.every((row, column) => row === undefined || row === this.#completed[column])
  }

  /** @param stripOf the address of the pictures of all its rows, once they are loaded */
  complete(stripOf: (rows: readonly Row[]) => string): void {
    for (const column of this.#tiles.keys()) this.completeTile(column)
    const rows = this.#rows
    if (!rows.every((row) => row !== undefined)) return
    this.#strip.show(stripOf(rows))
    this.#hasStrip = true
  }

  completeTile(column: number): void {
    const row = this.#shown[column]
    if (row === undefined || row === this.#completed[column]) return
    this.#completed[column] = row
    this.#tiles[column]!.complete(row)
  }

  get #rows(): (Row | undefined)[] {
    return this.#shown.slice(0, this.#columns)
  }

  #size(columns: number): void {
    if (this.#columns === columns) return
    this.#columns = columns
    this.element.style.setProperty('--cells', String(columns))
  }
}
