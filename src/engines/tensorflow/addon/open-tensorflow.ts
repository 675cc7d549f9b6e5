import { createRequire } from 'node:module'
import { FacedataError } from '../../../errors/index.js'
import { type AddonCandidate, type AddonSource, addonCandidates } from './addon-candidates.js'
import type { TensorFlowBinding } from './binding.js'

export interface TensorFlow {
  binding: TensorFlowBinding
  source: AddonSource
  path: string
  /** Of libtensorflow. */
  version: string
  /** Version of CUDA that it was made for; undefined for a CPU's. */
  cuda: string | undefined
  /** Whether TensorFlow sees a GPU. */
  gpu: boolean
}

const INSTALL_FIX =
  'Build it: facedata engine install tensorflow (with --gpu for a machine with an NVIDIA GPU).'

/**
 * Loads TensorFlow into this thread: the first addon that loads, the best first. It stays loaded.
 * @throws FacedataError where there is none, with the fix, or where none of them loads, with the reason of each
 */
export function openTensorFlow(candidates: readonly AddonCandidate[] = addonCandidates()): TensorFlow {
  const problems: string[] = []
  for (const candidate of candidates) {
    try {
      return loadAddon(candidate)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      problems.push(`the ${candidate.source} ${candidate.path} does not load: ${reason}`)
    }
  }
  if (problems.length === 0) problems.push('TensorFlow is not installed')
  throw new FacedataError(`${problems.join('; ')}. ${INSTALL_FIX}`)
}

function loadAddon({ source, path, cuda }: AddonCandidate): TensorFlow {
  // Only what went wrong; TensorFlow greets with several lines on standard error otherwise.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  const binding = createRequire(import.meta.url)(path) as TensorFlowBinding
  return { binding, source, path, version: binding.TF_Version, cuda, gpu: binding.isUsingGpuDevice() }
}
