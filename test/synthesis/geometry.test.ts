import { describe, expect, it } from 'vitest'
import { alignFace } from '../../src/synthesis/alignment.js'
import { Draw } from '../../src/synthesis/draw.js'
import { drawExpression } from '../../src/synthesis/expression.js'
import { drawFaceGeometry } from '../../src/synthesis/face-geometry.js'
import { HeadShape, Hit } from '../../src/synthesis/head-shape.js'
import { composePortrait } from '../../src/synthesis/portrait.js'
import { drawPose, type Pose, turn } from '../../src/synthesis/pose.js'
import { Relief } from '../../src/synthesis/relief.js'

const frontal: Pose = {
  yaw: { sine: 0, cosine: 1 },
  pitch: { sine: 0, cosine: 1 },
  roll: { sine: 0, cosine: 1 },
  shiftX: 0,
  shiftY: 0,
  scale: 1,
}

function faceOf(identity: number) {
  const geometry = drawFaceGeometry(new Draw(3, identity))
  const expression = drawExpression(new Draw(4, identity))
  return { geometry, expression, head: new HeadShape(geometry), relief: new Relief(geometry, expression) }
}

describe('an identity', () => {
  it('has one geometry in all its images', () => {
    const { geometry } = composePortrait(1, 5, 0)
    expect(composePortrait(1, 5, 1).geometry).toEqual(geometry)
    expect(composePortrait(1, 6, 0).geometry).not.toEqual(geometry)
    expect(composePortrait(2, 5, 0).geometry).not.toEqual(geometry)
  })

  it('is seen from another side, in another light, with other hair in each image', () => {
    const [first, second] = [composePortrait(1, 5, 0), composePortrait(1, 5, 1)]
    for (const part of ['pose', 'light', 'skin', 'hair', 'background', 'lens'] as const) {
      expect(second[part]).not.toEqual(first[part])
    }
  })
})

describe('alignment', () => {
  it('puts the eyes of a frontal face near their places in the ArcFace template', () => {
    for (let identity = 0; identity < 20; identity++) {
      const { geometry, expression, head, relief } = faceOf(identity)
      const { a, b, shiftX, shiftY } = alignFace(geometry, expression, head, relief, frontal)
      expect(b).toBeCloseTo(0, 1)
      // The inverse of x' = a x - b y + shiftX.
      const toImage = (x: number, y: number) => {
        const [dx, dy] = [x - shiftX, y - shiftY]
        const square = a * a + b * b
        return [(a * dx + b * dy) / square, (a * dy - b * dx) / square] as const
      }
      const [leftX, leftY] = toImage(-geometry.eyes.halfDistance, geometry.eyes.v)
      const [rightX, rightY] = toImage(geometry.eyes.halfDistance, geometry.eyes.v)
      for (const [found, wanted] of [
        [leftX, 38.3],
        [leftY, 51.7],
        [rightX, 73.5],
        [rightY, 51.5],
      ] as const) {
        expect(Math.abs(found - wanted)).toBeLessThan(9)
      }
    }
  })

  it('shifts by the error of the pose', () => {
    const { geometry, expression, head, relief } = faceOf(1)
    const exact = alignFace(geometry, expression, head, relief, frontal)
    const shifted = alignFace(geometry, expression, head, relief, { ...frontal, shiftX: 2 })
    expect(shifted.shiftX).toBeCloseTo(exact.shiftX - 2 * exact.a, 9)
  })
})

describe('a head', () => {
  it('is met where a point of its surface is seen, whatever the pose', () => {
    const hit = new Hit()
    for (let identity = 0; identity < 20; identity++) {
      const { head, relief } = faceOf(identity)
      const pose = drawPose(new Draw(5, identity))
      const seen = turn(pose, 8, -30, head.height(8, -30) + relief.height(8, -30))
      expect(head.meet(pose, seen.x, seen.y, relief, hit)).toBe(true)
      expect(Math.abs(hit.u - 8)).toBeLessThan(0.5)
      expect(Math.abs(hit.v + 30)).toBeLessThan(0.5)
      expect(Math.hypot(hit.normalU, hit.normalV, hit.normalZ)).toBeCloseTo(1, 6)
    }
  })

  it('is missed beside it', () => {
    const { head, relief } = faceOf(0)
    expect(head.meet(frontal, 60, 0, relief, new Hit())).toBe(false)
    expect(head.meet(frontal, 0, 90, relief, new Hit())).toBe(false)
  })
})
