import { shortPath } from '../../../io/index.js'
import type { InstalledTensorFlow } from './install-tensorflow.js'

/** What was built, and what it will be good for. */
export function describeInstallation(
  { version, gpu, cuda, folder, built }: InstalledTensorFlow,
  { dir }: { dir?: string },
): string[] {
  const kind = cuda === undefined ? 'for the CPU' : `with CUDA ${cuda}`
  const seen = gpu ? ', sees a GPU' : ''
  return [
    `TensorFlow ${version} ${kind}${seen}: ${built ? 'built, computes' : 'was there, computes'} → ${shortPath(folder)}`,
    ...(dir === undefined ? [] : [`  set FACEDATA_ENGINES=${dir} for the commands that are to find it`]),
    ...(cuda !== undefined && !gpu ? ['  it sees no GPU here: facedata doctor says more'] : []),
  ]
}
