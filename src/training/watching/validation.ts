import type { Embedder } from '../../engines/index.js'
import { InputError } from '../../errors/index.js'
import { decodeRgb, type RgbImage } from '../../image/index.js'
import {
  foldedPairs,
  judgePairs,
  type PairScores,
  readBin,
  requireBothClasses,
  scorePairs,
  type VerificationBin,
} from '../../verification/index.js'
import type { ValTarget } from './val-targets.js'

/** What the network reaches on one val target. */
export interface Score {
  /** Bare name of the target. */
  target: string
  /** Mean and standard deviation over the bin's folds, flip-added. */
  accuracy: number
  spread: number
  /** Mean of the folds' thresholds on the squared distance. */
  threshold: number
  /** Of each pair. */
  scores: PairScores
}

/** The bins by which a run is measured, held in memory. */
export class Validation {
  readonly #bins: { target: string; bin: VerificationBin }[]

  private constructor(bins: { target: string; bin: VerificationBin }[]) {
    this.#bins = bins
  }

  /**
   * Reads the bins and checks what would stop a verification hours later: folds of one class, images of another size.
   * @throws InputError
   */
  static async open(
    targets: readonly ValTarget[],
    size: { height: number; width: number },
  ): Promise<Validation> {
    const bins: { target: string; bin: VerificationBin }[] = []
    for (const { name, path } of targets) {
      const bin = await readBin(path)
      requireBothClasses(foldedPairs(bin), path)
      const image = await firstImage(bin)
      if (image.height !== size.height || image.width !== size.width) {
        throw new InputError({
          file: path,
          problem: "the bin's images have not the size of the dataset's",
          expected: `${size.width}x${size.height}`,
          actual: `${image.width}x${image.height}`,
        })
      }
      bins.push({ target: name, bin })
    }
    return new Validation(bins)
  }

  /** @throws InputError for an image that cannot be decoded; the reason of `signal` */
  async measure(embedder: Embedder, signal: AbortSignal): Promise<Score[]> {
    const scores: Score[] = []
    for (const { target, bin } of this.#bins) {
      const pairs = await scorePairs(bin, embedder, { signal })
      const { accuracy, spread, threshold } = judgePairs(pairs)
      scores.push({ target, accuracy, spread, threshold, scores: pairs })
    }
    return scores
  }
}

async function firstImage({ images, path }: VerificationBin): Promise<RgbImage> {
  try {
    return await decodeRgb(images[0]!)
  } catch (error) {
    if (error instanceof InputError) throw new InputError({ ...error.fault, file: path }, { cause: error })
    throw error
  }
}

export function meanAccuracy(scores: readonly Score[]): number {
  return scores.reduce((sum, { accuracy }) => sum + accuracy, 0) / scores.length
}
