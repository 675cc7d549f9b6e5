import { LANDMARKS } from '../../alignment/face.js'
import type { Face } from '../../alignment/index.js'
import { InputError } from '../../errors/index.js'
import type { RgbImage } from '../../image/index.js'
import type { Alignment } from './shard.js'

/**
 * The faces of a photo, one at least.
 * @param given of the file of landmarks: score and points of each, one after the other
 * @throws InputError where there is none
 */
export type FaceFinder = (photo: RgbImage, given: number[] | undefined) => Promise<Face[]>

export async function finderOf(_: Alignment): Promise<FaceFinder> {
  return givenFaces
}

const NUMBERS = 1 + 2 * LANDMARKS

async function givenFaces(_photo: RgbImage, given: number[] = []): Promise<Face[]> {
  if (given.length === 0) throw new InputError({ problem: 'no landmarks are given for this photo' })
  return Array.from({ length: given.length / NUMBERS }, (_, i) => {
    const [score, ...landmarks] = given.slice(i * NUMBERS, (i + 1) * NUMBERS) as [number, ...number[]]
    return { score, landmarks }
  })
}
