import { BYTES_PER_PIXEL, type PixelBlock, pixelMemory } from './pixel-memory.js'
import type { RgbImage } from './rgb-image.js'

/** What brings an image as stored upright: is it transposed, then mirrored left to right, then top to bottom? */
export interface Turn {
  transpose: boolean
  mirrorX: boolean
  mirrorY: boolean
}

const TURNS: Record<number, Turn> = {
  2: { transpose: false, mirrorX: true, mirrorY: false },
  3: { transpose: false, mirrorX: true, mirrorY: true },
  4: { transpose: false, mirrorX: false, mirrorY: true },
  5: { transpose: true, mirrorX: false, mirrorY: false },
  6: { transpose: true, mirrorX: true, mirrorY: false },
  7: { transpose: true, mirrorX: true, mirrorY: true },
  8: { transpose: true, mirrorX: false, mirrorY: true },
}

/** Undefined where an image stands upright. Source: Exif 2.32, 4.6.4 A, tag 274. */
export function turnOf(orientation: number): Turn | undefined {
  return TURNS[orientation]
}

/** Turns an image as stored so that it stands upright. */
export function turnImage(image: RgbImage, turn: Turn): RgbImage {
  const { data: stored } = image
  const { width, height } = turnedSize(image, turn)
  const { first, right, down } = steps(image, turn)
  const data = new Uint8Array(stored.length)
  let to = 0
  for (let y = 0; y < height; y++) {
    let from = 3 * (first + y * down)
    for (let x = 0; x < width; x++) {
      data[to++] = stored[from]!
      data[to++] = stored[from + 1]!
      data[to++] = stored[from + 2]!
      from += 3 * right
    }
  }
  return { width, height, data }
}

/** The same in the pixel memory. */
export function turnBlock(block: PixelBlock, turn: Turn): PixelBlock {
  const { width, height } = turnedSize(block, turn)
  const { first, right, down } = steps(block, turn)
  const turned = pixelMemory.block(width, height)
  pixelMemory.kernels.turn(
    block.pointer + BYTES_PER_PIXEL * first,
    turned.pointer,
    width,
    height,
    BYTES_PER_PIXEL * right,
    BYTES_PER_PIXEL * down,
  )
  return turned
}

interface Size {
  width: number
  height: number
}

function turnedSize({ width, height }: Size, { transpose }: Turn): Size {
  return transpose ? { width: height, height: width } : { width, height }
}

/** Where the first pixel of the upright image is stored, and the way from one to the next on its right and below it. */
function steps({ width, height }: Size, { transpose, mirrorX, mirrorY }: Turn) {
  const [across, along] = transpose ? [width, 1] : [1, width]
  const [columns, rows] = transpose ? [height, width] : [width, height]
  return {
    first: (mirrorX ? (columns - 1) * across : 0) + (mirrorY ? (rows - 1) * along : 0),
    right: mirrorX ? -across : across,
    down: mirrorY ? -along : along,
  }
}
