import { element, setAttribute } from './element.js'
import { type GridGeometry, geometryOf, scrollTo, windowOf } from './grid-geometry.js'

/** Milliseconds without scrolling after which pictures are loaded that were only passed. */
const SETTLED_MS = 90

/** A tile of a grid, used again for one row after another. */
export interface Tile<Row> {
  element: HTMLElement
  /** @param row undefined until it is loaded @param pictures false while the grid is scrolled so fast that none is seen */
  show(row: Row | undefined, index: number, pictures: boolean): void
}

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
  open(index: number): void
}

/** Milliseconds that may be spent on rows in one frame: the browser lays out and paints what was changed behind it. */
const MS_PER_FRAME = 4

interface GridRow<Row> {
  element: HTMLElement
  tiles: Tile<Row>[]
  /** -1 until it has one. */
  row: number
  /** What its tiles show, and whether with pictures. */
  shown: (Row | undefined)[]
  pictures: boolean
  /** The state of the rows that it was filled from. */
  version: number
}

/**
 * A grid of any length that scrolls with the page and holds only the tiles around the window. It has the focus itself
 * and names its active tile, so that the focus outlives tiles that are used again.
 */
export class VirtualGrid<Row> {
  readonly element: HTMLElement
  readonly #content: GridContent<Row>
  readonly #sizes = new ResizeObserver(() => this.#measure())
  #rows: GridRow<Row>[] = []
  #geometry: GridGeometry | undefined
  #total = 0
  #active = 0
  #frame = 0
  #settling = 0
  #lastTop = 0
  /** Grows with every page of rows that is loaded. */
  #version = 0

  constructor(content: GridContent<Row>) {
    this.#content = content
    this.element = element('div', {
      class: 'grid',
      role: 'grid',
      tabindex: 0,
      'aria-label': content.label,
      onkeydown: (event) => this.#key(event as KeyboardEvent),
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
    addEventListener('scroll', this.#scrolled, { passive: true })
    this.#measure()
    this.#sizes.observe(this.element)
    this.#sizes.observe(document.documentElement)
    if (this.#active > 0) this.#reveal()
  }

  /** Shows rows that came since. */
  refresh(): void {
    this.#version++
    this.#show()
  }

  close(): void {
    removeEventListener('scroll', this.#scrolled)
    this.#sizes.disconnect()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#settling)
  }

  readonly #scrolled = (): void => {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#show()
    })
  }

  #measure(): void {
    const width = this.element.clientWidth
    const geometry = geometryOf({ ...this.#content, width, height: innerHeight, total: this.#total })
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
      const tiles = Array.from({ length: columns }, (_, column) => {
        const tile = this.#content.makeTile()
        tile.element.id = `tile-${slot}-${column}`
        tile.element.tabIndex = -1
        setAttribute(tile.element, 'role', 'gridcell')
        setAttribute(tile.element, 'aria-colindex', column + 1)
        return tile
      })
      const row = element(
        'div',
        { class: 'row', role: 'row', hidden: true },
        ...tiles.map((tile) => tile.element),
      )
      return { element: row, tiles, row: -1, shown: [], pictures: false, version: -1 }
    })
    this.element.replaceChildren(...this.#rows.map((row) => row.element))
  }

  /** Fills the rows around the window, those that are seen first; what takes long goes on in the next frame. */
  #show(): void {
    const grid = this.#geometry
    if (grid === undefined) return
    const scrolled = Math.max(0, -this.element.getBoundingClientRect().top)
    const fast = Math.abs(scrolled - this.#lastTop) > innerHeight
    this.#lastTop = scrolled
    if (fast) this.#showWhenSettled()
    const { firstRow, endRow, shift } = windowOf(grid, scrolled, innerHeight)
    this.#content.want(firstRow * grid.columns, Math.min(this.#total, endRow * grid.columns))
    const due: number[] = []
    for (let row = firstRow; row < firstRow + grid.slots; row++) {
      const slot = this.#rows[row % grid.slots]!
      slot.element.hidden = slot.element.hidden || row >= endRow
      if (row >= endRow) continue
      if (slot.row === row && shift !== 0) slot.element.style.top = `${row * grid.rowHeight + shift}px`
      if (slot.row !== row || slot.version !== this.#version || (!fast && !slot.pictures)) due.push(row)
    }
    const start = performance.now()
    // The row above the window comes last.
    if (due[0] === firstRow && firstRow > 0) due.push(due.shift()!)
    for (const row of due) {
      if (performance.now() - start > MS_PER_FRAME) {
        this.#scrolled()
        break
      }
      this.#fill(this.#rows[row % grid.slots]!, row, { grid, shift, pictures: !fast })
    }
    this.#markActive()
  }

  #fill(
    slot: GridRow<Row>,
    row: number,
    { grid, shift, pictures }: { grid: GridGeometry; shift: number; pictures: boolean },
  ): void {
    for (const [column, tile] of slot.tiles.entries()) {
      const index = row * grid.columns + column
      const hidden = index >= this.#total
      if (tile.element.hidden !== hidden) tile.element.hidden = hidden
      const content = hidden ? undefined : this.#content.at(index)
      if (slot.row === row && content === slot.shown[column] && pictures === slot.pictures) continue
      slot.shown[column] = content
      if (!hidden) tile.show(content, index, pictures)
    }
    if (slot.row !== row) setAttribute(slot.element, 'aria-rowindex', row + 1)
    slot.element.style.top = `${row * grid.rowHeight + shift}px`
    slot.element.hidden = false
    Object.assign(slot, { row, pictures, version: this.#version })
  }

  #showWhenSettled(): void {
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => this.#show(), SETTLED_MS)
  }

  #tileOf(index: number): Tile<Row> | undefined {
    const { columns, slots } = this.#geometry!
    const row = Math.floor(index / columns)
    const found = this.#rows[row % slots]
    return found?.row === row ? found.tiles[index % columns] : undefined
  }

  #markActive(): void {
    const active = this.#total === 0 ? undefined : this.#tileOf(this.#active)?.element
    for (const { tiles } of this.#rows) {
      for (const { element: tile } of tiles) {
        if (tile !== active) tile.classList.remove('active')
      }
    }
    active?.classList.add('active')
    setAttribute(this.element, 'aria-activedescendant', active?.id)
  }

  /** Scrolls so that the active tile is in the window, below what covers its upper edge. */
  #reveal(): void {
    const grid = this.#geometry!
    const top = this.element.getBoundingClientRect().top
    const covered = Number.parseFloat(getComputedStyle(this.element).scrollMarginTop) || 0
    const target = scrollTo(grid, Math.floor(this.#active / grid.columns), {
      scrolled: Math.max(0, -top),
      height: innerHeight,
      covered,
    })
    if (target !== undefined) window.scrollTo({ top: Math.max(0, target + top + scrollY) })
  }

  #move(to: number): void {
    this.#active = Math.max(0, Math.min(this.#total - 1, to))
    this.#reveal()
    this.#show()
  }

  #key(event: KeyboardEvent): void {
    if (this.#total === 0 || this.#geometry === undefined || event.altKey || event.metaKey) return
    const { columns, rowHeight } = this.#geometry
    const page = columns * Math.max(1, Math.floor(innerHeight / rowHeight) - 1)
    const start = this.#active - (this.#active % columns)
    const to: Record<string, number> = {
      ArrowRight: this.#active + 1,
      ArrowLeft: this.#active - 1,
      ArrowDown: this.#active + columns,
      ArrowUp: this.#active - columns,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: event.ctrlKey ? 0 : start,
      End: event.ctrlKey ? this.#total - 1 : start + columns - 1,
    }
    const target = to[event.key]
    if (target !== undefined) this.#move(target)
    else if (event.key === 'Enter' || event.key === ' ') this.#content.open(this.#active)
    else return
    event.preventDefault()
  }

  /** A click with a key held down is the browser's: it opens the link elsewhere. */
  #click(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    const tile = (event.target as Element).closest('[role=gridcell]')
    const index = this.#rows.flatMap(({ row, tiles }) => {
      const column = tiles.findIndex((one) => one.element === tile)
      return column === -1 ? [] : [row * this.#geometry!.columns + column]
    })[0]
    if (index === undefined) return
    event.preventDefault()
    this.#active = index
    this.#markActive()
    this.#content.open(index)
  }
}
