import type { RgbImage } from './rgb-image.js'

/** For each EXIF orientation: is the image transposed, then mirrored left to right, then top to bottom? */
const TURNS: Record<number, { transpose: boolean; mirrorX: boolean; mirrorY: boolean }> = {
  2: { transpose: false, mirrorX: true, mirrorY: false },
  3: { transpose: false, mirrorX: true, mirrorY: true },
  4: { transpose: false, mirrorX: false, mirrorY: true },
  5: { transpose: true, mirrorX: false, mirrorY: false },
  6: { transpose: true, mirrorX: true, mirrorY: false },
  7: { transpose: true, mirrorX: true, mirrorY: true },
  8: { transpose: true, mirrorX: false, mirrorY: true },
}

/** Turns an image as stored so that it stands upright. Source: Exif 2.32, 4.6.4 A, tag 274. */
export function turnUpright(image: RgbImage, orientation: number): RgbImage {
  const turn = TURNS[orientation]
  if (turn === undefined) return image
  const { data: stored, width: storedWidth, height: storedHeight } = image
  const width = turn.transpose ? storedHeight : storedWidth
  const height = turn.transpose ? storedWidth : storedHeight
  const data = new Uint8Array(stored.length)
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = turn.mirrorY ? height - 1 - y : y
    for (let x = 0; x < width; x++) {
      const column = turn.mirrorX ? width - 1 - x : x
      const from = 3 * (turn.transpose ? column * storedWidth + row : row * storedWidth + column)
      data[to++] = stored[from]!
      data[to++] = stored[from + 1]!
      data[to++] = stored[from + 2]!
    }
  }
  return { width, height, data }
}
