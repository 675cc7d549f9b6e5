import { coverage, smoothstep } from './curves.js'
import type { Draw } from './draw.js'
import { type Rgb, scaleRgb } from './ink.js'
import { valueNoise } from './noise.js'

/** How hair is worn in one photo, or what is worn over it. */
export interface Hair {
  bald: boolean
  /** A cap or a scarf instead of hair. */
  covered: boolean
  color: Rgb
  /** Colour of brows and beard. */
  brow: Rgb
  volume: number
  /** v of the hairline at the middle; its slope (a side parting) and its rise at the temples. */
  lineV: number
  slope: number
  recession: number
  raggedness: number
  /** Share of the head's half-width from which hair hangs down, and how far. */
  sideShare: number
  sideEnd: number
  salt: number
}

const COLORS: readonly [Rgb, ...Rgb[]] = [
  { r: 0.012, g: 0.01, b: 0.01 },
  { r: 0.03, g: 0.018, b: 0.012 },
  { r: 0.09, g: 0.045, b: 0.022 },
  { r: 0.2, g: 0.11, b: 0.05 },
  { r: 0.5, g: 0.35, b: 0.17 },
  { r: 0.24, g: 0.06, b: 0.02 },
  { r: 0.34, g: 0.33, b: 0.32 },
]

export function drawHair(draw: Draw): Hair {
  const covered = draw.chance(0.06)
  const natural = scaleRgb(draw.pick(COLORS), draw.between(0.7, 1.3))
  const cloth = { r: draw.between(0.02, 0.6), g: draw.between(0.02, 0.6), b: draw.between(0.02, 0.6) }
  const long = draw.chance(0.45)
  const fringe = draw.chance(0.22)
  return {
    bald: !covered && draw.chance(0.1),
    covered,
    color: covered ? cloth : natural,
    brow: scaleRgb(natural, 0.6),
    volume: covered ? 3 : draw.between(1.5, 9),
    lineV: fringe ? draw.between(-47, -39) : draw.between(-58, -47),
    slope: draw.around(-0.5, 0.5),
    recession: fringe ? 0 : draw.between(0, 14),
    raggedness: covered ? 0 : draw.between(1, 6),
    sideShare: covered ? 2 : draw.between(0.76, 0.95),
    sideEnd: long ? draw.between(5, 70) : draw.between(-26, -4),
    salt: draw.integer(0x7fff_ffff),
  }
}

/** How far a nod of the head moves a point of the surface up or down, at most. */
const NOD = 12

/** False where no hair can be seen at this height of the picture plane: most of a face, which need not look for it. */
export function hairMayBeAt(hair: Hair, y: number): boolean {
  const lowest = Math.max(hair.sideEnd, hair.lineV + 50 * Math.abs(hair.slope) + hair.raggedness)
  return !hair.bald && y < lowest + NOD
}

/** How much of the shell around the head is hair at (u, v): 0 to 1. */
export function hairCover(hair: Hair, u: number, v: number, halfWidth: number): number {
  if (hair.bald) return 0
  const share = Math.abs(u) / halfWidth
  const rag = hair.raggedness * (valueNoise(u * 0.35, 3.5, hair.salt) - 0.5)
  const middle = hair.lineV + hair.slope * u - hair.recession * smoothstep(0.15, 0.6, share) + rag
  const hanging = smoothstep(hair.sideShare - 0.14, hair.sideShare, share)
  const line = middle + (hair.sideEnd - middle) * hanging
  return coverage(line - v, hair.covered ? 1 : 2.5)
}

/** Strands, as a factor on the colour. */
export function hairShade(hair: Hair, u: number, v: number): number {
  if (hair.covered) return 0.85 + 0.3 * valueNoise(u * 0.12, v * 0.2, hair.salt)
  const wave = 3 * valueNoise(u * 0.08, v * 0.06, hair.salt + 1)
  return (
    0.45 +
    0.7 * valueNoise(u * 0.85 + wave * 2, v * 0.12, hair.salt) +
    0.35 * valueNoise(u * 0.2 + wave, v * 0.05, hair.salt)
  )
}
