import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { geometryOf, MOST_TILES, scrollTo, windowOf } from '../../src/browser/client/grid-geometry.js'

const room = fc.record({
  width: fc.integer({ min: 200, max: 4000 }),
  height: fc.integer({ min: 300, max: 2400 }),
  total: fc.integer({ min: 1, max: 20_000_000 }),
  tile: fc.constant(116),
  caption: fc.constant(46),
  density: fc.constantFrom(1, 1.25, 2, 3),
})

describe('the geometry of a grid', () => {
  it('has few tiles on every screen, and no room that a browser does not know', () => {
    fc.assert(
      fc.property(room, (given) => {
        const grid = geometryOf(given)
        const few = grid.columns === 2 || grid.columns * grid.slots <= MOST_TILES
        return few && grid.scrolled <= 15_000_000 && grid.rows * grid.columns >= given.total
      }),
    )
  })

  it('asks for pictures as large as the screen shows them, whole blocks of a JPEG, and no larger than they are made', () => {
    fc.assert(
      fc.property(room, (given) => {
        const { pixels, rowHeight } = geometryOf(given)
        const shown = (rowHeight - given.caption) * given.density
        return (
          pixels % 16 === 0 && pixels <= 256 && (pixels === 256 || (pixels >= shown && pixels < shown + 16))
        )
      }),
    )
  })

  it('shows the whole window wherever it is scrolled to', () => {
    fc.assert(
      fc.property(room, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
        const grid = geometryOf(given)
        const scrolled = part * Math.max(0, grid.scrolled - given.height)
        const { firstRow, endRow, shift } = windowOf(grid, scrolled, given.height)
        const top = firstRow * grid.rowHeight + shift
        const bottom = endRow * grid.rowHeight + shift
        const covers =
          top <= scrolled + 1e-3 && bottom >= Math.min(grid.scrolled, scrolled + given.height) - 1e-3
        return covers && endRow - firstRow <= grid.slots
      }),
    )
  })

  it('reaches every row', () => {
    fc.assert(
      fc.property(room, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
        const grid = geometryOf(given)
        const row = Math.floor(part * (grid.rows - 1))
        const target = scrollTo(grid, row, { scrolled: 0, height: given.height, covered: 0 }) ?? 0
        const { firstRow, endRow } = windowOf(grid, target, given.height)
        return firstRow <= row && row < endRow
      }),
    )
  })

  it('stays where the row is in the window', () => {
    const grid = geometryOf({ width: 1200, height: 800, total: 100_000, tile: 116, caption: 46, density: 1 })
    expect(
      scrollTo(grid, 100, { scrolled: 100 * grid.rowHeight - 200, height: 800, covered: 100 }),
    ).toBeUndefined()
    expect(scrollTo(grid, 100, { scrolled: 100 * grid.rowHeight - 50, height: 800, covered: 100 })).toBe(
      100 * grid.rowHeight - 100,
    )
  })
})
