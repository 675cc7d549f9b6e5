import { crop, type RgbImage } from '../../image/index.js'
import { CELL, STRIDE } from './cell.js'

/** Cells along a side of a tile: its activations then fit a cache, and a photo of any size a few megabytes. */
const TILE_CELLS = 128

/** A part of a level, and where it begins there, pixels. */
export interface Tile {
  left: number
  top: number
  image: RgbImage
}

/** Parts of a level that overlap so that each of its cells is in one of them. */
export function* tilesOf(level: RgbImage): Generator<Tile> {
  for (const [left, width] of spans(level.width)) {
    for (const [top, height] of spans(level.height)) {
      const whole = width === level.width && height === level.height
      yield { left, top, image: whole ? level : crop(level, left, top, width, height) }
    }
  }
}

/** Start and length of each stretch along an axis. */
function spans(length: number): [number, number][] {
  // An odd length has a last cell of which a column of pixels is missing: the network pads.
  const cells = Math.ceil((length - CELL) / STRIDE) + 1
  const spans: [number, number][] = []
  for (let first = 0; first < cells; first += TILE_CELLS) {
    const start = STRIDE * first
    const end = Math.min(length, start + STRIDE * (TILE_CELLS - 1) + CELL)
    spans.push([start, end - start])
  }
  return spans
}
