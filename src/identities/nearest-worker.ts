import { ProductSession } from '../engines/index.js'
import { type Best, BLOCK_ROWS, noBest } from './best.js'

/** Rows `[first, end)` of `a` against all of `b`; where both are one set, against those behind each row. */
export interface StripTask {
  /** [rows, size], in memory that threads share. */
  a: Float32Array
  b: Float32Array
  size: number
  first: number
  end: number
  self: boolean
}

/** The best of each row of the strip in `b`, and of each row of `b` in the strip. */
export interface StripResult {
  rows: Best
  columns: Best
}

let opened: { size: number; product: Promise<ProductSession> } | undefined

/** Runs in a worker thread. */
export async function searchStrip({ a, b, size, first, end, self }: StripTask): Promise<StripResult> {
  if (opened?.size !== size) opened = { size, product: ProductSession.open(size) }
  const product = await opened.product
  const count = b.length / size
  const rows = noBest(end - first)
  const columns = noBest(count)
  // The runtime gets copies: memory that threads share is not its to read.
  const strip = copyOf(a, first * size, end * size)
  for (let start = self ? first : 0; start < count; start += BLOCK_ROWS) {
    const stop = Math.min(start + BLOCK_ROWS, count)
    const scores = await product.multiply(strip, copyOf(b, start * size, stop * size))
    for (let row = 0; row < end - first; row++) {
      const from = self ? Math.max(0, first + row + 1 - start) : 0
      takeBest(scores.subarray(row * (stop - start), (row + 1) * (stop - start)), from, {
        row,
        rowPosition: first + row,
        start,
        rows,
        columns,
      })
    }
  }
  return { rows, columns }
}

/** One row of scores: its best, and whether it is the best of a column. Of equals the first one stays. */
function takeBest(
  scores: Float32Array,
  from: number,
  { row, rowPosition, start, rows, columns }: ScoreRow,
): void {
  let best = rows.scores[row]!
  let position = rows.positions[row]!
  const { scores: columnScores, positions: columnPositions } = columns
  for (let i = from; i < scores.length; i++) {
    const score = scores[i]!
    if (score > best) {
      best = score
      position = start + i
    }
    if (score > columnScores[start + i]!) {
      columnScores[start + i] = score
      columnPositions[start + i] = rowPosition
    }
  }
  rows.scores[row] = best
  rows.positions[row] = position
}

interface ScoreRow {
  /** In the strip, and in its set. */
  row: number
  rowPosition: number
  /** Position of the first score's column. */
  start: number
  rows: Best
  columns: Best
}

function copyOf(values: Float32Array, start: number, end: number): Float32Array {
  const copy = new Float32Array(end - start)
  copy.set(values.subarray(start, end))
  return copy
}
