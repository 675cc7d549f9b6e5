import { IMAGE_SIZE } from './alignment.js'
import { paintBackground } from './background.js'
import { paintBehindHead } from './behind-head.js'
import { coverage, hill, square } from './curves.js'
import { hairCover, hairMayBeAt, hairShade } from './hair.js'
import { Hit } from './head-shape.js'
import { Ink } from './ink.js'
import { expose } from './lens.js'
import { valueNoise } from './noise.js'
import { paintFingers, paintGlasses, paintMask } from './occlusion.js'
import { composePortrait, type Portrait } from './portrait.js'

/** Where a sample's light differs from its neighbour's by this share of it, the pixel is sampled 2x2 times. */
const EDGE_CONTRAST = 0.2

/** A rendered face: RGB, 8 bits, rows from the top, channels interleaved (HWC). */
export interface RenderedFace {
  width: number
  height: number
  data: Uint8Array
}

/**
 * Renders one synthetic face, 112x112, aligned to the ArcFace template. Nobody's photo: all of it is drawn from
 * (seed, identity, image), and the same three numbers give the same pixels on every machine, since only exactly
 * rounded arithmetic (+, -, *, /, square root) decides them.
 */
export function renderFace(seed: number, identity: number, image: number): RenderedFace {
  const portrait = composePortrait(seed, identity, image)
  const size = IMAGE_SIZE
  const coarse = new Float32Array(size * size * 3)
  const ink = new Ink()
  const hit = new Hit()
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      paintSample(ink, hit, portrait, x, y)
      addSample(coarse, y * size + x, ink, 1)
    }
  }
  const fine = coarse.slice()
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const pixel = y * size + x
      if (!isEdge(coarse, size, x, y)) continue
      fine.fill(0, pixel * 3, pixel * 3 + 3)
      for (let sample = 0; sample < 4; sample++) {
        paintSample(ink, hit, portrait, x - 0.25 + 0.5 * (sample & 1), y - 0.25 + 0.5 * (sample >> 1))
        addSample(fine, pixel, ink, 0.25)
      }
    }
  }
  return { width: size, height: size, data: expose(fine, size, size, portrait.lens) }
}

function addSample(linear: Float32Array, pixel: number, ink: Ink, weight: number): void {
  linear[pixel * 3]! += ink.r * weight
  linear[pixel * 3 + 1]! += ink.g * weight
  linear[pixel * 3 + 2]! += ink.b * weight
}

function isEdge(linear: Float32Array, size: number, x: number, y: number): boolean {
  const index = (y * size + x) * 3 + 1
  const here = linear[index]!
  const limit = EDGE_CONTRAST * (here + 0.02)
  return (
    (x > 0 && Math.abs(linear[index - 3]! - here) > limit) ||
    (x < size - 1 && Math.abs(linear[index + 3]! - here) > limit) ||
    (y > 0 && Math.abs(linear[index - size * 3]! - here) > limit) ||
    (y < size - 1 && Math.abs(linear[index + size * 3]! - here) > limit)
  )
}

/** Paints what is seen at (x, y), in pixels of the image, from back to front; what the head hides is left out. */
function paintSample(ink: Ink, hit: Hit, portrait: Portrait, x: number, y: number): void {
  const { alignment, pose, hair } = portrait
  const planeX = alignment.a * x - alignment.b * y + alignment.shiftX
  const planeY = alignment.b * x + alignment.a * y + alignment.shiftY
  if (portrait.head.meet(pose, planeX, planeY, portrait.relief, hit)) {
    paintSkin(ink, hit, portrait)
  } else {
    paintBackground(ink, portrait.background, x, y)
    paintBehindHead(ink, portrait, planeX, planeY)
  }
  if (hairMayBeAt(hair, planeY) && portrait.shell.meet(pose, planeX, planeY, undefined, hit))
    paintHair(ink, hit, portrait)
  paintGlasses(ink, portrait.occlusion, portrait.geometry, pose, planeX, planeY)
  paintFingers(ink, portrait.occlusion, portrait.skin.base, x, y)
}

function paintSkin(ink: Ink, hit: Hit, portrait: Portrait): void {
  const { geometry, skin, features, light, hair, salt } = portrait
  const { u, v } = hit
  const { nose, cheeks } = geometry
  ink.set(skin.base)
  const blush = hill(square((Math.abs(u) - cheeks.u) / 14) + square((v - cheeks.v - 2) / 12))
  const tip = hill(square(u / 9) + square((v - nose.tipV) / 8))
  ink.over(skin.blush, 0.7 * blush + 0.5 * tip)
  const pores =
    valueNoise(u * 0.6, v * 0.6, salt) - 0.5 + 1.4 * (valueNoise(u * 0.11, v * 0.11, salt + 1) - 0.5)
  ink.scale(1 + skin.texture * 2 * pores)
  for (const mole of geometry.moles) {
    const distance = Math.sqrt(square(u - mole.u) + square(v - mole.v))
    ink.over(skin.shade, mole.darkness * coverage(mole.radius - distance, 1))
  }
  features.beard.paint(ink, u, v, hit.halfWidth)
  features.mouth.paint(ink, u, v)
  features.nose.paint(ink, u, v)
  features.eyes.paint(ink, u, v)
  features.brows.paint(ink, u, v)
  if (!hair.bald) {
    // The shadow that hair throws on the forehead.
    ink.scale(1 - 0.2 * hairCover(hair, u, v - 3.5, hit.halfWidth))
  }
  paintMask(ink, portrait.occlusion, u, v, hit.halfWidth)
  shade(ink, hit, portrait, light.gloss)
  features.eyes.glint(ink, u, v, light.u, light.v)
}

function paintHair(ink: Ink, hit: Hit, portrait: Portrait): void {
  const { hair } = portrait
  const cover = hairCover(hair, hit.u, hit.v, hit.halfWidth)
  if (cover === 0) return
  const { r, g, b } = ink
  ink.set(hair.color)
  ink.scale(hairShade(hair, hit.u, hit.v))
  shade(ink, hit, portrait, hair.covered ? 0 : 0.08)
  ink.r = r + (ink.r - r) * cover
  ink.g = g + (ink.g - g) * cover
  ink.b = b + (ink.b - b) * cover
}

/** Lambert's law wrapped a little around the edge, light from all sides, and a highlight (Blinn, power 16). */
function shade(ink: Ink, hit: Hit, portrait: Portrait, gloss: number): void {
  const { light } = portrait
  const facing = hit.normalU * light.u + hit.normalV * light.v + hit.normalZ * light.z
  const lambert = Math.max(0, (facing + 0.2) / 1.2) * light.hardness * 1.5
  const around = (0.8 - 0.25 * hit.normalV) * (0.55 + 0.45 * hit.normalZ) * (1 - light.hardness) * 1.3
  ink.r *= light.ambient.r * around + light.color.r * lambert
  ink.g *= light.ambient.g * around + light.color.g * lambert
  ink.b *= light.ambient.b * around + light.color.b * lambert
  const halfZ = light.z + 1
  const halfLength = Math.sqrt(light.u * light.u + light.v * light.v + halfZ * halfZ)
  const mirror = Math.max(
    0,
    (hit.normalU * light.u + hit.normalV * light.v + hit.normalZ * halfZ) / halfLength,
  )
  ink.add(light.color, gloss * square(square(square(square(mirror)))) * light.hardness)
}
