import { coverage, mix } from './curves.js'
import type { Draw } from './draw.js'
import type { Ink, Rgb } from './ink.js'
import { valueNoise } from './noise.js'

/** What is behind the head: a blend of two colours by blurred blobs, slanting planks or a plain slope. */
export interface Background {
  first: Rgb
  second: Rgb
  pattern: 'blobs' | 'planks' | 'slope'
  slantX: number
  slantY: number
  period: number
  salt: number
}

export function drawBackground(draw: Draw): Background {
  return {
    first: drawColor(draw),
    second: drawColor(draw),
    pattern: draw.pick(['blobs', 'planks', 'slope']),
    slantX: draw.around(-1, 1),
    slantY: draw.around(-1, 1),
    period: draw.between(18, 60),
    salt: draw.integer(0x7fff_ffff),
  }
}

function drawColor(draw: Draw): Rgb {
  const brightness = draw.between(0.03, 0.7)
  return {
    r: brightness * draw.between(0.4, 1),
    g: brightness * draw.between(0.4, 1),
    b: brightness * draw.between(0.4, 1),
  }
}

/** Paints the sample at (x, y), in pixels of the image. */
export function paintBackground(ink: Ink, background: Background, x: number, y: number): void {
  const { pattern, slantX, slantY, period, salt } = background
  const along = x * slantX + y * slantY
  let share = valueNoise(x / period, y / period, salt)
  if (pattern === 'planks') {
    const phase = (((along / period) % 1) + 1) % 1
    share = mix(coverage((Math.abs(phase - 0.5) - 0.25) * period, 4), share, 0.25)
  } else if (pattern === 'slope') {
    share = mix(along / 160 + 0.5, share, 0.2)
  }
  ink.set(background.first)
  ink.over(background.second, Math.min(1, Math.max(0, share)))
}
