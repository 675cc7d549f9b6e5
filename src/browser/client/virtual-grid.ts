import { element, setAttribute } from './element.js'
import { type GridGeometry, type GridWindow, geometryOf, scrollTo, windowOf } from './grid-geometry.js'
import { targetOf } from './grid-keys.js'
import { GridRow, type Tile } from './grid-row.js'

/** Milliseconds that a row stands in the window before it is completed: of one that is scrolled past, none is seen. */
const SEEN_MS = 80

/** Tiles that get another text in one frame, about: the browser lays out and paints what was changed behind it. */
const TILES_PER_FRAME = 27

export interface GridContent<Row> {
  /** What it holds, for those who do not see it. */
  label: string
  /** CSS pixels: least width of a tile, and height of what stands below its picture. */
  tile: number
  caption: number
  makeTile(): Tile<Row>
  at(index: number): Row | undefined
  /** Is told of the rows that are shown. */
  want(from: number, end: number): void
  /** The address of the pictures of these rows, side by side. @param side of each, pixels of the screen */
  strip(rows: readonly Row[], side: number): string
  open(index: number): void
}

/**
 * A grid of any length that scrolls with the page and holds only the tiles around the window. It has the focus itself
 * and names its active tile, so that the focus outlives tiles that are used again. It changes the document at the
 * beginning of frames alone, when nothing is left to lay out: what it reads there costs nothing.
 */
export class VirtualGrid<Row> {
  readonly element: HTMLElement
  readonly #content: GridContent<Row>
  readonly #sizes = new ResizeObserver(() => this.#measure())
  readonly #measure = (): void => this.#layOut()
  #rows: GridRow<Row>[] = []
  #geometry: GridGeometry | undefined
  /** CSS pixels, as they were measured last: from the upper edge of the document, of the window, and what covers it. */
  #top = 0
  #height = 0
  #covered = 0
  #total = 0
  #active = 0
  #marked: HTMLElement | undefined
  #frame = 0
  #waiting = 0

  constructor(content: GridContent<Row>) {
    this.#content = content
    this.element = element('div', {
      class: 'grid',
      role: 'grid',
      tabindex: 0,
      'aria-label': content.label,
      onkeydown: (event) => this.#key(event as KeyboardEvent),
      onpointerdown: (event) => this.#press(event as PointerEvent),
      onclick: (event) => this.#click(event as MouseEvent),
    })
    this.element.style.setProperty('--caption', `${content.caption}px`)
  }

  /** The index of the tile that keys act on. */
  get active(): number {
    return this.#active
  }

  /** To be called once the grid stands in the document. */
  start(total: number, active = 0): void {
    this.#total = total
    this.#active = Math.max(0, Math.min(active, total - 1))
    addEventListener('scroll', this.refresh, { passive: true })
    addEventListener('resize', this.#measure)
    this.#layOut()
    this.#sizes.observe(this.element)
    this.#sizes.observe(document.documentElement)
    if (this.#active > 0) this.#reveal()
    this.#show(performance.now())
  }

  /** Shows, in the next frame, what the window is scrolled to, and rows that came since. */
  readonly refresh = (): void => {
    this.#frame ||= requestAnimationFrame((now) => {
      this.#frame = 0
      this.#show(now)
    })
  }

  close(): void {
    removeEventListener('scroll', this.refresh)
    removeEventListener('resize', this.#measure)
    this.#sizes.disconnect()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#waiting)
  }

  #layOut(): void {
    this.#height = innerHeight
    this.#top = this.element.getBoundingClientRect().top + scrollY
    this.#covered = Number.parseFloat(getComputedStyle(this.element).scrollMarginTop) || 0
    const width = this.element.clientWidth
    const geometry = geometryOf({
      ...this.#content,
      width,
      height: this.#height,
      total: this.#total,
      density: devicePixelRatio,
    })
    const { columns, rowHeight, scrolled, slots, rows } = geometry
    const before = this.#geometry
    this.#geometry = geometry
    if (before?.columns !== columns || before.rowHeight !== rowHeight || before.slots !== slots) {
      this.#makeRows(geometry)
    }
    this.element.style.height = `${scrolled}px`
    setAttribute(this.element, 'aria-rowcount', rows)
    setAttribute(this.element, 'aria-colcount', columns)
    this.refresh()
  }

  #makeRows({ columns, rowHeight, slots }: GridGeometry): void {
    this.element.style.setProperty('--columns', String(columns))
    this.element.style.setProperty('--row-height', `${rowHeight}px`)
    this.#rows = Array.from({ length: slots }, (_, slot) => {
      const tiles = Array.from({ length: columns }, () => this.#content.makeTile())
      return new GridRow(tiles, `tile-${slot}`)
    })
    this.element.replaceChildren(...this.#rows.map((row) => row.element))
  }

  /** Fills the rows around the window, then completes them; what takes long goes on in the next frame. */
  #show(now: number): void {
    const grid = this.#geometry
    if (grid === undefined) return
    const view = windowOf(grid, Math.max(0, scrollY - this.#top), this.#height)
    const { firstRow, endRow } = view
    this.#content.want(firstRow * grid.columns, Math.min(this.#total, endRow * grid.columns))
    for (let row = endRow; row < firstRow + grid.slots; row++) this.#rows[row % grid.slots]!.place(undefined)
    const isDone = this.#fill(grid, view, now) && this.#complete(grid, view, now)
    if (!isDone) this.refresh()
    this.#markActive()
  }

  /** @returns whether there is nothing left for the next frame */
  #fill(grid: GridGeometry, view: GridWindow, now: number): boolean {
    let left = Math.max(1, Math.floor(TILES_PER_FRAME / grid.columns))
    for (const index of inOrder(view)) {
      const row = this.#rows[index % grid.slots]!
      if (left > 0 && row.show(index, this.#rowsAt(index), now)) left--
      if (row.index === index) row.place(index * grid.rowHeight + view.shift)
    }
    return left > 0
  }

  #rowsAt(index: number): (Row | undefined)[] {
    const { columns } = this.#geometry!
    const first = index * columns
    return Array.from({ length: Math.min(columns, this.#total - first) }, (_, column) =>
      this.#content.at(first + column),
    )
  }

  /** Completes one row of those that one can have seen. @returns whether there is no other for the next frame */
  #complete(grid: GridGeometry, view: GridWindow, now: number): boolean {
    const due = inOrder(view)
      .map((index) => this.#rows[index % grid.slots]!)
      .filter((row) => !row.isComplete)
    const ready = due.filter((row) => now - row.since >= SEEN_MS)
    ready[0]?.complete((rows) => this.#content.strip(rows, grid.pixels))
    if (due.length > ready.length) {
      clearTimeout(this.#waiting)
      this.#waiting = setTimeout(this.refresh, SEEN_MS)
    }
    return ready.length < 2
  }

  #markActive(): void {
    const { columns, slots } = this.#geometry!
    const index = Math.floor(this.#active / columns)
    const row = this.#rows[index % slots]
    const active = this.#total > 0 && row?.index === index ? row.tile(this.#active % columns) : undefined
    if (active === this.#marked) return
    this.#marked?.classList.remove('active')
    active?.classList.add('active')
    this.#marked = active
    setAttribute(this.element, 'aria-activedescendant', active?.id)
  }

  /** Scrolls so that the active tile is in the window, below what covers its upper edge. */
  #reveal(): void {
    const grid = this.#geometry!
    const target = scrollTo(grid, Math.floor(this.#active / grid.columns), {
      scrolled: Math.max(0, scrollY - this.#top),
      height: this.#height,
      covered: this.#covered,
    })
    if (target !== undefined) window.scrollTo({ top: Math.max(0, target + this.#top) })
  }

  #key(event: KeyboardEvent): void {
    if (this.#total === 0 || this.#geometry === undefined || event.altKey || event.metaKey) return
    const target = targetOf(event, this.#active, this.#total, this.#geometry, this.#height)
    if (target !== undefined) {
      this.#active = target
      this.#reveal()
      this.refresh()
    } else if (event.key === 'Enter' || event.key === ' ') this.#content.open(this.#active)
    else return
    event.preventDefault()
  }

  /** What is pressed is complete: the browser opens its address elsewhere where a key or another button is held. */
  #press(event: PointerEvent): void {
    const pressed = this.#tileAt(event)
    pressed?.row.completeTile(pressed.column)
  }

  /** A click with a key held down is the browser's: it opens the link elsewhere. */
  #click(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    const clicked = this.#tileAt(event)
    if (clicked === undefined) return
    event.preventDefault()
    this.#active = clicked.row.index * this.#geometry!.columns + clicked.column
    this.#markActive()
    this.#content.open(this.#active)
  }

  #tileAt({ target }: Event): { row: GridRow<Row>; column: number } | undefined {
    const tile = (target as Element).closest('[role=gridcell]')
    if (tile === null) return undefined
    const row = this.#rows.find(({ element }) => element === tile.parentElement)
    return row && { row, column: row.columnOf(tile) }
  }
}

/** The rows of a window; the one above what is seen comes last. */
function inOrder({ firstRow, endRow }: GridWindow): number[] {
  const rows = Array.from({ length: endRow - firstRow }, (_, i) => firstRow + i)
  if (firstRow > 0) rows.push(rows.shift()!)
  return rows
}
