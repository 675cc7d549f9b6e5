import { clamp } from './curves.js'
import type { Draw } from './draw.js'
import { latticeNoise } from './noise.js'

/** What the camera does to the picture. */
export interface Lens {
  /** Blur as the share of its neighbours in each pixel, and how often it is applied. */
  blur: number
  passes: number
  /** Standard grain in 8-bit levels, per pixel and per 8x8 block (as strong JPEG compression leaves). */
  grain: number
  blockiness: number
  contrast: number
  lift: number
  gray: boolean
  salt: number
}

export function drawLens(draw: Draw): Lens {
  const soft = draw.chance(0.05)
  return {
    blur: draw.between(0.03, 0.22),
    passes: soft ? 2 + draw.integer(3) : draw.integer(2),
    grain: draw.chance(0.12) ? draw.between(4, 10) : draw.between(0, 3),
    blockiness: draw.chance(0.15) ? draw.between(1, 3) : 0,
    contrast: draw.around(0.85, 1.2),
    lift: draw.around(-14, 14),
    gray: draw.chance(0.04),
    salt: draw.integer(0x7fff_ffff),
  }
}

/** Takes the picture: linear light, HWC, in; 8-bit RGB out. */
export function expose(linear: Float32Array, width: number, height: number, lens: Lens): Uint8Array {
  let light = linear
  for (let pass = 0; pass < lens.passes; pass++) light = blur(light, width, height, lens.blur)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = (y * width + x) * 3
      const grain =
        lens.grain * (latticeNoise(x, y, lens.salt) - 0.5) * 2 +
        lens.blockiness * (latticeNoise(x >> 3, y >> 3, lens.salt + 1) - 0.5) * 2
      let red = light[index]!
      let green = light[index + 1]!
      let blue = light[index + 2]!
      if (lens.gray) red = green = blue = 0.3 * red + 0.59 * green + 0.11 * blue
      data[index] = develop(red, grain, lens)
      data[index + 1] = develop(green, grain, lens)
      data[index + 2] = develop(blue, grain, lens)
    }
  }
  return data
}

/** Gamma 2 with a soft shoulder, so that highlights keep their shape. */
function develop(light: number, grain: number, lens: Lens): number {
  const shoulder = light / (0.72 + 0.36 * light)
  const level = 255 * Math.sqrt(Math.max(0, shoulder))
  return clamp(Math.floor((level - 118) * lens.contrast + 118 + lens.lift + grain + 0.5), 0, 255)
}

/** One pass of a 3x3 blur, columns then rows; pixels beyond the edge repeat it. */
function blur(image: Float32Array, width: number, height: number, share: number): Float32Array {
  return blurAlong(blurAlong(image, width, height, share, 3, width), width, height, share, width * 3, height)
}

function blurAlong(
  image: Float32Array,
  width: number,
  height: number,
  share: number,
  stride: number,
  length: number,
): Float32Array {
  const result = new Float32Array(image.length)
  for (let index = 0; index < width * height * 3; index++) {
    const position = Math.floor(index / stride) % length
    const before = position === 0 ? index : index - stride
    const after = position === length - 1 ? index : index + stride
    result[index] = image[index]! * (1 - 2 * share) + (image[before]! + image[after]!) * share
  }
  return result
}
