import { InputError } from '../errors/index.js'
import { Random } from '../random/random.js'
import { differentPairCapacity, drawDifferentPairs } from './different-pairs.js'
import type { ImagePositions } from './image-positions.js'
import { drawSamePairs, samePairCapacity } from './same-pairs.js'

export interface PairSampling {
  /** Pairs of the same person, and as many of different people, in each fold. */
  pairsPerFold: number
  folds: number
  seed: number
}

/** A pair of images by their positions. */
export interface SampledPair {
  fold: number
  same: boolean
  positions: [number, number]
}

/**
 * Draws pairs from labelled images: no identity in two folds, no pair twice, each fold first its same and then its
 * different pairs, as LFW's. Within a fold the pairs go round the identities, so that one with many images does not
 * fill it.
 * @param labels label of the image at each position
 * @throws InputError with what the images can give
 */
export function samplePairs(labels: Int32Array, sampling: PairSampling, source: string): SampledPair[] {
  const identities = groupByLabel(labels)
  const { pairsPerFold, folds, seed } = sampling
  const parts = divideIdentities(identities, sampling)
  if (capacityOf(parts) < pairsPerFold) {
    const most = mostPairsPerFold(identities, sampling)
    throw new InputError({
      file: source,
      problem: `its ${identities.length} identities with ${labels.length} images cannot give that many pairs`,
      expected: `${folds} folds of ${pairsPerFold} same and ${pairsPerFold} different pairs, no identity in two folds`,
      actual: `at most ${most} and ${most} a fold`,
      fix:
        most > 0 ? `Use --pairs-per-fold ${most}, or fewer --folds` : 'Use fewer --folds, or more identities',
    })
  }
  return parts.flatMap((part, fold) => {
    const same = drawSamePairs(part, pairsPerFold, new Random(seed, 1, fold))
    const different = drawDifferentPairs(part, pairsPerFold, new Random(seed, 2, fold))
    return [
      ...same.map((positions): SampledPair => ({ fold, same: true, positions })),
      ...different.map((positions): SampledPair => ({ fold, same: false, positions })),
    ]
  })
}

/** Identities that have images, in the order of labels. */
function groupByLabel(labels: Int32Array): ImagePositions[] {
  const counts = new Map<number, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const groups = new Map(
    [...counts].sort(([a], [b]) => a - b).map(([label, count]) => [label, new Uint32Array(count)]),
  )
  for (let position = labels.length - 1; position >= 0; position--) {
    const label = labels[position]!
    const left = counts.get(label)! - 1
    groups.get(label)![left] = position
    counts.set(label, left)
  }
  return [...groups.values()]
}

/** The identities of a fold. */
interface Part {
  identities: ImagePositions[]
  /** Same pairs that they can give. */
  same: number
}

/**
 * Gives each fold its identities: the one with the most pairs goes to the fold that has the fewest pairs so far, and
 * those with a single image go to the folds with the fewest identities. An identity counts for no more than a fold
 * needs, so that one with very many images does not leave its fold without others.
 */
function divideIdentities(
  identities: ImagePositions[],
  { pairsPerFold, folds, seed }: PairSampling,
): ImagePositions[][] {
  const usable = (identity: ImagePositions) => Math.min(samePairCapacity(identity), pairsPerFold)
  const order = new Random(seed, 0).shuffle([...identities]).sort((a, b) => usable(b) - usable(a))
  const parts = Array.from({ length: folds }, (): Part => ({ identities: [], same: 0 }))
  for (const identity of order) {
    const pairs = usable(identity)
    const part = parts.reduce((least, other) => (needsMore(other, least, pairs > 0) ? other : least))
    part.identities.push(identity)
    part.same += pairs
  }
  return parts.map((part) => part.identities)
}

function needsMore(part: Part, than: Part, samePairs: boolean): boolean {
  if (samePairs && part.same !== than.same) return part.same < than.same
  return part.identities.length < than.identities.length
}

/** Pairs of either kind that every part can give. */
function capacityOf(parts: ImagePositions[][]): number {
  const same = parts.map((part) => part.reduce((sum, identity) => sum + samePairCapacity(identity), 0))
  return Math.min(...same, ...parts.map(differentPairCapacity))
}

function mostPairsPerFold(identities: ImagePositions[], sampling: PairSampling): number {
  let possible = 0
  let impossible = sampling.pairsPerFold
  while (impossible - possible > 1) {
    const middle = Math.floor((possible + impossible) / 2)
    const parts = divideIdentities(identities, { ...sampling, pairsPerFold: middle })
    if (capacityOf(parts) >= middle) possible = middle
    else impossible = middle
  }
  return possible
}
