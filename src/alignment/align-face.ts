import { InputError } from '../errors/index.js'
import { inverse, type RgbImage, type Similarity, scaleOf, transform, warp } from '../image/index.js'
import type { Face } from './face.js'
import { arcfaceTemplate } from './template.js'
import { estimateSimilarity } from './umeyama.js'

/**
 * The face, its landmarks at the places of ArcFace's template, RGB [size, size, 3].
 * @throws InputError where the landmarks are not those of a face in the photo
 */
export function alignFace(photo: RgbImage, { landmarks }: Face, size: number): RgbImage {
  for (let i = 0; i < landmarks.length; i += 2) {
    if (isNear(landmarks[i]!, photo.width) && isNear(landmarks[i + 1]!, photo.height)) continue
    throw new InputError({
      problem: 'the landmarks lie outside the photo',
      expected: `points in ${photo.width} x ${photo.height} pixels`,
      actual: landmarks.join(' '),
    })
  }
  return warp(photo, toPhoto(landmarks, size), size)
}

/** A detector guesses landmarks of a face that is cut off by the edge of the photo. */
function isNear(value: number, length: number): boolean {
  return value >= -length && value <= 2 * length
}

/** Leads from an aligned image to the photo. */
function toPhoto(landmarks: readonly number[], size: number): Similarity {
  return inverse(estimateSimilarity(landmarks, arcfaceTemplate(size)))
}

const ANY_SIZE = 112

/** The part of the photo that the aligned image shows: its centre, and its side in pixels. */
export function squareOf({ landmarks }: Face): { x: number; y: number; side: number } {
  const similarity = toPhoto(landmarks, ANY_SIZE)
  const [x, y] = transform(similarity, (ANY_SIZE - 1) / 2, (ANY_SIZE - 1) / 2)
  return { x, y, side: ANY_SIZE * scaleOf(similarity) }
}
