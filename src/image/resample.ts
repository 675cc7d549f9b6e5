import { type Filter, lanczos } from './filters.js'
import { BYTES_PER_PIXEL, type PixelBlock, pixelMemory } from './pixel-memory.js'
import type { Placement } from './placement.js'
import type { RgbImage } from './rgb-image.js'
import { type Taps, tapsOf } from './taps.js'

/** Rows are resampled four at a time, columns in blocks of 16 bytes. */
const ROWS_AT_ONCE = 4
const PIXELS_AT_ONCE = 4

/** Pixels of an image that stand in the pixel memory at a time. */
const STRIP_PIXELS = 2 ** 20

/**
 * Resamples with a filter, in integers: the same bytes on every machine. First along rows, then along columns,
 * with 8 bits between. An image that is not in the pixel memory comes there in strips.
 */
export function resample(
  image: RgbImage | PixelBlock,
  placement: Placement,
  filter: Filter = lanczos,
): PixelBlock {
  const { x, y } = placement
  const across = tapsOf(x, filter, PIXELS_AT_ONCE)
  const down = tapsOf(y, filter, 2)
  const stride = Math.ceil(x.outputs / PIXELS_AT_ONCE) * PIXELS_AT_ONCE
  const first = down.starts[0]!
  const end = Math.min(y.source, down.starts.at(-1)! + down.count)
  const narrow = pixelMemory.block(stride, Math.max(end - first, down.count) + ROWS_AT_ONCE)
  const starts = pixelMemory.place(inBytes(across, 0, BYTES_PER_PIXEL))
  const weights = pixelMemory.place(across.weights)
  for (const strip of strips(image, first, end)) {
    pixelMemory.kernels.resampleRows(
      strip.pointer,
      image.width * BYTES_PER_PIXEL,
      narrow.pointer + (strip.first - first) * stride * BYTES_PER_PIXEL,
      stride * BYTES_PER_PIXEL,
      strip.rows,
      x.outputs,
      starts,
      weights,
      across.count,
    )
  }
  const small = pixelMemory.block(stride, y.outputs)
  pixelMemory.kernels.resampleColumns(
    narrow.pointer,
    small.pointer,
    stride * BYTES_PER_PIXEL,
    y.outputs,
    pixelMemory.place(inBytes(down, first, stride * BYTES_PER_PIXEL)),
    pixelMemory.place(down.weights),
    down.count,
  )
  return onTarget(small, placement)
}

interface Strip {
  pointer: number
  first: number
  rows: number
}

/** The rows of an image, in the pixel memory. */
function* strips(image: RgbImage | PixelBlock, first: number, end: number): Generator<Strip> {
  const { width } = image
  if ('pointer' in image) {
    yield { pointer: image.pointer + first * width * BYTES_PER_PIXEL, first, rows: end - first }
    return
  }
  const rowsAtOnce =
    Math.ceil(Math.max(1, Math.min(end - first, STRIP_PIXELS / width)) / ROWS_AT_ONCE) * ROWS_AT_ONCE
  const strip = pixelMemory.block(width, rowsAtOnce)
  const narrow = pixelMemory.take(3 * width * rowsAtOnce)
  for (let row = first; row < end; row += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, end - row)
    const bytes = image.data.subarray(3 * row * width, 3 * (row + rows) * width)
    pixelMemory.bytes(narrow, bytes.length).set(bytes)
    pixelMemory.kernels.widenRgb(narrow, strip.pointer, rows * width)
    yield { pointer: strip.pointer, first: row, rows }
  }
}

function inBytes({ starts }: Taps, first: number, bytes: number): Int32Array {
  return starts.map((start) => (start - first) * bytes)
}

/** The resampled part at its place on a target that is black around it. */
function onTarget(part: PixelBlock, { x, y }: Placement): PixelBlock {
  if (part.width === x.target && part.height === y.target) return part
  const target = pixelMemory.block(x.target, y.target)
  const pixels = pixelMemory.wordsOf(target)
  const from = pixelMemory.wordsOf(part)
  if (x.outputs < x.target || y.outputs < y.target) pixels.fill(0)
  for (let row = 0; row < y.outputs; row++) {
    const start = row * part.width
    pixels.set(from.subarray(start, start + x.outputs), (y.at + row) * x.target + x.at)
  }
  return target
}
