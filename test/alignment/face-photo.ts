import { arcfaceTemplate } from '../../src/alignment/index.js'
import { inverse, type RgbImage, type Similarity, transform, warp } from '../../src/image/index.js'

/** A photo of `side` x `side` pixels with an aligned face somewhere in it, and where its landmarks are then. */
export function facePhoto(
  face: RgbImage,
  place: Similarity,
  side: number,
): { photo: RgbImage; landmarks: number[] } {
  const template = arcfaceTemplate(face.width)
  const landmarks = Array.from({ length: template.length / 2 }, (_, i) =>
    transform(place, template[2 * i]!, template[2 * i + 1]!),
  ).flat()
  return { photo: warp(face, inverse(place), side), landmarks }
}
