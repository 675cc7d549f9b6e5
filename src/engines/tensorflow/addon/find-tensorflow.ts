import { type AddonCandidate, addonCandidates } from './addon-candidates.js'
import { type Trial, tryAddon } from './try-addon.js'

export interface TensorFlowAnswer {
  /** The first addon that computes: the one that `openTensorFlow` loads. */
  found: (Trial & AddonCandidate) | undefined
  /** What is wrong with those before it. */
  problems: string[]
}

/** Looks for TensorFlow without loading it into this process. */
export async function findTensorFlow(
  candidates: readonly AddonCandidate[] = addonCandidates(),
): Promise<TensorFlowAnswer> {
  const problems: string[] = []
  for (const candidate of candidates) {
    try {
      return { found: { ...candidate, ...(await tryAddon(candidate.path)) }, problems }
    } catch (error) {
      problems.push(`${candidate.source}: ${(error as Error).message}`)
    }
  }
  return { found: undefined, problems }
}
