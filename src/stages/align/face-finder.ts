import { type Face, LANDMARKS, Mtcnn } from '../../alignment/index.js'
import { InputError } from '../../errors/index.js'
import type { RgbImage } from '../../image/index.js'
import type { Alignment } from './shard.js'

/**
 * The faces of a photo, one at least.
 * @param given of the file of landmarks: score and points of each, one after the other
 * @throws InputError where there is none
 */
export type FaceFinder = (photo: RgbImage, given: number[] | undefined) => Promise<Face[]>

/** @throws InputError where the detector cannot be opened */
export async function finderOf({ detector }: Alignment): Promise<FaceFinder> {
  if (detector === undefined) return givenFaces
  const { folder, minFace } = detector
  const mtcnn = await openDetector(folder, minFace)
  return async (photo) => facesOf(await mtcnn.detect(photo), minFace)
}

let opened: { folder: string; minFace: number; detector: Promise<Mtcnn> } | undefined

/** One a thread, for all its shards. */
async function openDetector(folder: string, minFace: number): Promise<Mtcnn> {
  if (opened === undefined || opened.folder !== folder || opened.minFace !== minFace) {
    const before = opened
    opened = { folder, minFace, detector: Mtcnn.open(folder, minFace) }
    await before?.detector.then((detector) => detector.close()).catch(() => {})
  }
  return opened.detector
}

/** Those that are large enough: the networks look for no smaller ones, but boxes shrink from one to the next. */
function facesOf(found: (Face & { side: number })[], minFace: number): Face[] {
  const largest = Math.max(0, ...found.map(({ side }) => side))
  if (found.length === 0) throw new InputError({ problem: 'no face was found' })
  if (largest < minFace) {
    throw new InputError({
      problem: 'the largest face is too small',
      expected: `at least ${minFace} pixels (--min-face)`,
      actual: Math.floor(largest),
    })
  }
  return found.flatMap(({ side, ...face }) => (side < minFace ? [] : [face]))
}

const NUMBERS = 1 + 2 * LANDMARKS

async function givenFaces(_photo: RgbImage, given: number[] = []): Promise<Face[]> {
  if (given.length === 0) throw new InputError({ problem: 'no landmarks are given for this photo' })
  return Array.from({ length: given.length / NUMBERS }, (_, i) => {
    const [score, ...landmarks] = given.slice(i * NUMBERS, (i + 1) * NUMBERS) as [number, ...number[]]
    return { score, landmarks }
  })
}
