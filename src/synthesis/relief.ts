import { hill, smoothstep, square } from './curves.js'
import type { Expression } from './expression.js'
import type { FaceGeometry } from './face-geometry.js'

const LEFT = -41
const TOP = -46
const COLUMNS = 83
const ROWS = 98

/**
 * What stands out of the smooth head: nose, brows, sockets, cheeks, lips, chin. A height in pixels over (u, v), tabulated
 * at every pixel with its slopes, since each sample of the picture reads it three times.
 */
export class Relief {
  readonly #heights = new Float32Array(COLUMNS * ROWS)
  readonly #slopesU = new Float32Array(COLUMNS * ROWS)
  readonly #slopesV = new Float32Array(COLUMNS * ROWS)

  constructor(geometry: FaceGeometry, expression: Expression) {
    const heights = this.#heights
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        heights[row * COLUMNS + column] = reliefHeight(geometry, expression, column + LEFT, row + TOP)
      }
    }
    for (let row = 1; row < ROWS - 1; row++) {
      for (let column = 1; column < COLUMNS - 1; column++) {
        const index = row * COLUMNS + column
        this.#slopesU[index] = (heights[index + 1]! - heights[index - 1]!) / 2
        this.#slopesV[index] = (heights[index + COLUMNS]! - heights[index - COLUMNS]!) / 2
      }
    }
  }

  height(u: number, v: number): number {
    return interpolate(this.#heights, u, v)
  }

  slopeU(u: number, v: number): number {
    return interpolate(this.#slopesU, u, v)
  }

  slopeV(u: number, v: number): number {
    return interpolate(this.#slopesV, u, v)
  }
}

/** Bilinear; 0 outside the table. */
function interpolate(table: Float32Array, u: number, v: number): number {
  const x = u - LEFT
  const y = v - TOP
  if (!(x >= 0 && y >= 0 && x < COLUMNS - 1 && y < ROWS - 1)) return 0
  const column = Math.floor(x)
  const row = Math.floor(y)
  const fx = x - column
  const fy = y - row
  const index = row * COLUMNS + column
  const upper = table[index]! + (table[index + 1]! - table[index]!) * fx
  const lower = table[index + COLUMNS]! + (table[index + COLUMNS + 1]! - table[index + COLUMNS]!) * fx
  return upper + (lower - upper) * fy
}

function reliefHeight(geometry: FaceGeometry, expression: Expression, u: number, v: number): number {
  const side = Math.abs(u)
  return (
    noseHeight(geometry, u, v) +
    eyeHeight(geometry, side, v) +
    cheekHeight(geometry, expression, side, v) +
    mouthHeight(geometry, side, v) +
    chinHeight(geometry, side, v)
  )
}

function noseHeight({ nose, eyes }: FaceGeometry, u: number, v: number): number {
  const top = eyes.v - 5
  const along = (v - top) / (nose.tipV - top)
  const below = v - nose.tipV
  if (along < 0 || below > nose.tipRadius * 1.5) return 0
  const x = u - nose.bend * smoothstep(0.2, 1, along)
  let height = 0
  if (below <= nose.tipRadius) {
    const rise = along < 1 ? nose.bridgeHeight + (nose.tipHeight - nose.bridgeHeight) * along : nose.tipHeight
    const hump = nose.hump * hill(square((along - 0.45) / 0.35))
    const end = below > 0 ? hill(square(below / nose.tipRadius)) : smoothstep(-0.02, 0.25, along)
    const width = nose.bridgeWidth + (nose.tipRadius * 1.15 - nose.bridgeWidth) * smoothstep(0.4, 1, along)
    height += (rise + hump) * end * hill(square(x / (width * 1.15)))
  }
  const wingX = (Math.abs(x) - nose.wings * 0.66) / (nose.wings * 0.52)
  const wingY = (below - 0.8) / (nose.tipRadius * 0.85)
  return height + 5 * hill(wingX * wingX + wingY * wingY)
}

function eyeHeight({ eyes, brows }: FaceGeometry, side: number, v: number): number {
  const x = side - eyes.halfDistance
  const y = v - eyes.v
  const socket = hill(square(x / 11) + square(y / 8.5)) * eyes.socket
  const ball = hill(square(x / (eyes.halfWidth * 0.95)) + square(y / 6)) * 2.6
  const ridge =
    hill(square((side - 15) / 17) + square((v - eyes.v + brows.gap) / 6)) * (1 + eyes.socket * 0.3)
  return ball + ridge - socket
}

function cheekHeight(
  { cheeks, nose, mouth }: FaceGeometry,
  { smile }: Expression,
  side: number,
  v: number,
): number {
  const lift = Math.max(0, smile)
  const apple = hill(square((side - cheeks.u) / 13) + square((v - cheeks.v + 2 * lift) / 12))
  const hollow = hill(square((side - cheeks.u - 5) / 10) + square((v - mouth.v + 4) / 12))
  const foldX = nose.wings + 2 + (v - nose.tipV) * 0.38
  const fold =
    smoothstep(nose.tipV - 3, nose.tipV + 5, v) *
    (1 - smoothstep(mouth.v - 2, mouth.v + 5, v)) *
    hill(square((side - foldX) / 3))
  return (
    apple * (cheeks.prominence + 1.8 * lift) -
    hollow * 0.35 * cheeks.prominence -
    fold * (0.5 * cheeks.fold + 1.1 * lift)
  )
}

function mouthHeight({ mouth, nose }: FaceGeometry, side: number, v: number): number {
  const muzzle = hill(square(side / (mouth.halfWidth * 1.35)) + square((v - mouth.v) / 15)) * 3
  const across = hill(square(side / mouth.halfWidth))
  const upper = hill(square((v - mouth.v + mouth.upper * 0.7) / (mouth.upper + 1))) * 0.7 * mouth.upper
  const lower = hill(square((v - mouth.v - mouth.lower * 0.75) / (mouth.lower + 1))) * 0.8 * mouth.lower
  const philtrumMiddle = (nose.tipV + nose.tipRadius + mouth.v - mouth.upper) / 2
  const philtrum = hill(square(side / 2.2)) * hill(square((v - philtrumMiddle) / 5))
  const below = hill(square(side / (mouth.halfWidth * 0.9)) + square((v - mouth.v - mouth.lower - 3.5) / 3.5))
  return muzzle + across * (upper + lower) - philtrum - below * 1.3
}

function chinHeight({ chin, head }: FaceGeometry, side: number, v: number): number {
  const y = v - head.chinV + 8.5
  const knob = hill(square(side / chin.radius) + square(y / 8)) * chin.prominence
  const cleft = hill(square(side / 1.8) + square(y / 5)) * chin.cleft
  return knob - cleft
}
