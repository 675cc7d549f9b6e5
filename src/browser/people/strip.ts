import { InputError } from '../../errors/index.js'
import { decodeRgb, encodeJpeg, type RgbImage, resize } from '../../image/index.js'
import type { PhotoFile } from './photo-file.js'

/** Pixels: a JPEG's colours come in squares of this side, which so never reach into the next cell. */
const STEP = 16

const QUALITY = 88

const EMPTY = 0x80
const CROSS = 0x60

/**
 * Photos side by side in one JPEG, each cut to a square from its middle: a request for each costs a browser more time
 * than its picture does. The cells are as large as the largest photo allows, `side` pixels at most; one that cannot be
 * decoded is crossed out, and one that is not there is grey. @param photos files, or why one cannot be read
 */
export async function stripOf(
  photos: AsyncIterable<Uint8Array | InputError | undefined>,
  side: number,
): Promise<PhotoFile> {
  const cells: (RgbImage | InputError | undefined)[] = []
  for await (const photo of photos) {
    cells.push(photo instanceof Uint8Array ? await squareOf(photo, side).catch(fault) : photo)
  }
  const sides = cells.map((cell) => (isImage(cell) ? cell.width : 0))
  const own = Math.max(STEP, STEP * Math.floor(Math.max(...sides) / STEP))
  const strip = { width: own * cells.length, height: own, data: new Uint8Array(3 * own * own * cells.length) }
  for (const [at, cell] of cells.entries()) {
    const square = isImage(cell)
      ? resize(cell, { width: own, height: own, fit: 'fill' })
      : blank(own, cell !== undefined)
    paste(strip, square, at * own)
  }
  return { type: 'image/jpeg', bytes: encodeJpeg(strip, QUALITY) }
}

async function squareOf(file: Uint8Array, most: number): Promise<RgbImage> {
  const image = await decodeRgb(file)
  const side = Math.min(most, image.width, image.height)
  return resize(image, { width: side, height: side, fit: 'cover' })
}

function fault(error: unknown): InputError {
  if (error instanceof InputError) return error
  throw error
}

function isImage(cell: RgbImage | InputError | undefined): cell is RgbImage {
  return cell !== undefined && !(cell instanceof InputError)
}

function blank(side: number, isCrossed: boolean): RgbImage {
  const data = new Uint8Array(3 * side * side).fill(EMPTY)
  const width = Math.max(1, Math.round(side / 32))
  for (let y = 0; isCrossed && y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (Math.min(Math.abs(x - y), Math.abs(x + y - side + 1)) >= width) continue
      data.fill(CROSS, 3 * (y * side + x), 3 * (y * side + x + 1))
    }
  }
  return { width: side, height: side, data }
}

function paste(target: RgbImage, source: RgbImage, left: number): void {
  for (let y = 0; y < source.height; y++) {
    const row = source.data.subarray(3 * y * source.width, 3 * (y + 1) * source.width)
    target.data.set(row, 3 * (y * target.width + left))
  }
}
