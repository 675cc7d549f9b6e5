import { describe, expect, it } from 'vitest'
import { alignFace, arcfaceTemplate, centralFace, type Face, squareOf } from '../../src/alignment/index.js'
import { InputError } from '../../src/errors/index.js'
import { inverse, type Similarity, warp } from '../../src/image/index.js'
import { renderFace } from '../../src/synthesis/index.js'
import { meanDifference } from '../image/pictures.js'
import { facePhoto } from './face-photo.js'

const PLACE: Similarity = { a: 1.6, b: 0.4, dx: 60, dy: 30 }

describe('alignFace', () => {
  it('brings a turned and enlarged face back to the template', () => {
    const face = renderFace(3, 1, 0)
    const { photo, landmarks } = facePhoto(face, PLACE, 300)
    const aligned = alignFace(photo, { score: 1, landmarks }, 112)
    expect(meanDifference(aligned.data, face.data)).toBeLessThan(3)
    expect(
      meanDifference(warp(photo, { ...inverse(PLACE), dx: 0, dy: 0 }, 112).data, face.data),
    ).toBeGreaterThan(10)
  })

  it('shows the same part of the face at another size', () => {
    const { photo, landmarks } = facePhoto(renderFace(3, 1, 0), PLACE, 300)
    const large = alignFace(photo, { score: 1, landmarks }, 224)
    const { photo: again } = facePhoto(large, { a: 0.5, b: 0, dx: -0.25, dy: -0.25 }, 112)
    const aligned = alignFace(photo, { score: 1, landmarks }, 112)
    expect(meanDifference(again.data, aligned.data)).toBeLessThan(2)
  })

  it('refuses landmarks far outside the photo', () => {
    const { photo, landmarks } = facePhoto(renderFace(3, 1, 0), PLACE, 300)
    const far = { score: 1, landmarks: landmarks.map((value) => value + 3000) }
    expect(() => alignFace(photo, far, 112)).toThrow(InputError)
  })
})

describe('squareOf', () => {
  it('is what the aligned image shows', () => {
    const moved = arcfaceTemplate(112).map((value, i) => 3 * value + (i % 2 === 0 ? 100 : 20))
    const { x, y, side } = squareOf({ score: 1, landmarks: moved })
    expect([x, y, side].map((value) => Number(value.toFixed(6)))).toEqual([266.5, 186.5, 336])
  })
})

describe('centralFace', () => {
  const faceAt = (x: number, y: number, scale: number): Face => ({
    score: 1,
    landmarks: arcfaceTemplate(112).map((value, i) => scale * (value - 55.5) + (i % 2 === 0 ? x : y)),
  })
  const photo = { width: 500, height: 400 }

  it('takes the one in the middle before a slightly larger one at the edge', () => {
    const [middle, edge] = [faceAt(240, 210, 1), faceAt(60, 60, 1.1)]
    expect(centralFace([edge, middle], photo)).toBe(middle)
  })

  it('takes a much larger one that is off the middle', () => {
    const [middle, large] = [faceAt(250, 200, 0.3), faceAt(330, 200, 2)]
    expect(centralFace([middle, large], photo)).toBe(large)
  })

  it('takes the first of equal ones, and none of none', () => {
    const [left, right] = [faceAt(149.5, 199.5, 1), faceAt(349.5, 199.5, 1)]
    expect(centralFace([left, right], photo)).toBe(left)
    expect(centralFace([], photo)).toBeUndefined()
  })
})
