import type { PairScores, VerificationBin } from '../verification/index.js'
import type { RunPairs } from './run-pairs.js'
import { thumbnail } from './thumbnail.js'

/** A pair that a model judges wrongly. */
export interface HardPair {
  /** Position in the bin, from 0. */
  pair: number
  /** Cosine of the two embeddings. */
  cosine: number
  /** Names of the images, where the bin's description has them. */
  names: [string, string] | undefined
  /** Undefined where the bin is not at hand, or an image cannot be decoded. */
  photos: [Uint8Array | undefined, Uint8Array | undefined] | undefined
}

export interface HardestPairs {
  /** Different people, taken for one: the most alike first. */
  falseAccepts: HardPair[]
  /** One person, taken for two: the least alike first. */
  falseRejects: HardPair[]
}

/** Of each kind. */
const SHOWN = 8

export function cosineOf(squaredDistance: number): number {
  return 1 - squaredDistance / 2
}

/**
 * The pairs that are furthest on the wrong side of a threshold on the squared distance. @param faces whether people are
 * shown and named
 */
export async function hardestPairs(
  { scores, bin }: RunPairs,
  threshold: number,
  faces: boolean,
): Promise<HardestPairs> {
  const { distances, same } = scores
  const pairs = Array.from(distances.keys())
  const accepted = pairs.filter((pair) => same[pair] === 0 && distances[pair]! < threshold)
  const rejected = pairs.filter((pair) => same[pair] === 1 && distances[pair]! >= threshold)
  accepted.sort((a, b) => distances[a]! - distances[b]! || a - b)
  rejected.sort((a, b) => distances[b]! - distances[a]! || a - b)
  const describe = (chosen: number[]) =>
    Promise.all(chosen.slice(0, SHOWN).map((pair) => hardPair(scores, faces ? bin : undefined, pair)))
  return { falseAccepts: await describe(accepted), falseRejects: await describe(rejected) }
}

async function hardPair(
  { distances }: PairScores,
  bin: VerificationBin | undefined,
  pair: number,
): Promise<HardPair> {
  return {
    pair,
    cosine: cosineOf(distances[pair]!),
    names: bin?.sidecar?.pairs[pair]?.images,
    photos:
      bin && (await Promise.all([thumbnail(bin.images[2 * pair]!), thumbnail(bin.images[2 * pair + 1]!)])),
  }
}
