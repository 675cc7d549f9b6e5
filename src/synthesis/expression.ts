import type { Draw } from './draw.js'

/** What the face does in one photo. */
export interface Expression {
  /** -0.3 sulks, 1 laughs. */
  smile: number
  /** Gap between the lips in pixels. */
  mouthOpen: number
  browRaise: number
  frown: number
  /** Factor on the opening of the eyes. */
  eyesOpen: number
  gazeX: number
  gazeY: number
}

export function drawExpression(draw: Draw): Expression {
  const smile = draw.chance(0.5) ? draw.between(0.15, 0.8) : draw.around(-0.35, 0.25)
  return {
    smile,
    mouthOpen: draw.chance(smile > 0.5 ? 0.7 : 0.25) ? draw.between(0.8, 4) : 0,
    browRaise: draw.around(-1.2, 1.6),
    frown: draw.chance(0.15) ? draw.between(0, 0.8) : 0,
    eyesOpen: draw.chance(0.025) ? 0.15 : draw.around(0.7, 1.25) - 0.18 * Math.max(0, smile),
    gazeX: draw.around(-2, 2),
    gazeY: draw.around(-0.8, 0.8),
  }
}
