import { type RgbImage, resizeByArea } from '../../image/index.js'
import { CELL } from './cell.js'

/** From one level to the next areas are about halved. */
const STEP = 0.709

/**
 * The photo at the sizes at which faces, from `minFace` pixels up to its shorter side, are as large as a cell. Each level
 * is made of the smallest one before it that is at least twice as large, else of the photo: the work is that of a few
 * passes, and details are averaged over more than a level's pixel only once.
 */
export function* pyramid(photo: RgbImage, minFace: number): Generator<RgbImage> {
  const made = [photo]
  const { width, height } = photo
  for (let scale = CELL / minFace; Math.min(width, height) * scale >= CELL; scale *= STEP) {
    const size = [Math.ceil(width * scale), Math.ceil(height * scale)] as const
    const source = made.findLast((level) => level.width >= 2 * size[0] && level.height >= 2 * size[1])
    const level = resizeByArea(source ?? photo, ...size)
    made.push(level)
    yield level
  }
}
