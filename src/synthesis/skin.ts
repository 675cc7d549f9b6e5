import type { Draw } from './draw.js'
import { mixRgb, type Rgb, scaleRgb } from './ink.js'

/** Colours of skin, lips and brows in one photo: they change with season, make-up and camera, so they vary by image. */
export interface Skin {
  base: Rgb
  /** Where blood shows: cheeks, nose, ears. */
  blush: Rgb
  lip: Rgb
  /** Creases and the edges of lids. */
  shade: Rgb
  iris: Rgb
  texture: number
}

const PALE: Rgb = { r: 0.78, g: 0.56, b: 0.45 }
const TAN: Rgb = { r: 0.52, g: 0.31, b: 0.2 }
const DARK: Rgb = { r: 0.24, g: 0.13, b: 0.085 }
const LIP_PINK: Rgb = { r: 0.6, g: 0.22, b: 0.2 }
const LIP_RED: Rgb = { r: 0.5, g: 0.05, b: 0.07 }

export function drawSkin(draw: Draw): Skin {
  const tone = draw.between(0, 2)
  const warmth = draw.around(-0.08, 0.08)
  const plain = tone < 1 ? mixRgb(PALE, TAN, tone) : mixRgb(TAN, DARK, tone - 1)
  const base = { r: plain.r * (1 + warmth), g: plain.g, b: plain.b * (1 - warmth) }
  const lipstick = draw.chance(0.25) ? draw.between(0.3, 0.9) : 0
  const lip = mixRgb(mixRgb(base, LIP_PINK, 0.35), LIP_RED, lipstick)
  return {
    base,
    blush: { r: base.r * 1.02, g: base.g * 0.8, b: base.b * 0.8 },
    lip: { r: lip.r * 0.85, g: lip.g * 0.78, b: lip.b * 0.8 },
    shade: scaleRgb({ r: base.r * 0.42, g: base.g * 0.32, b: base.b * 0.3 }, 1),
    iris: draw.pick([
      { r: 0.05, g: 0.025, b: 0.012 },
      { r: 0.11, g: 0.055, b: 0.025 },
      { r: 0.12, g: 0.13, b: 0.05 },
      { r: 0.1, g: 0.17, b: 0.26 },
    ]),
    texture: draw.between(0.01, 0.05),
  }
}
