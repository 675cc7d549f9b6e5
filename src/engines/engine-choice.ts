import type { Provider } from './embedder.js'
import { addonCandidates, findTensorFlow, type TensorFlowAnswer } from './tensorflow/addon/index.js'
import type { Engine } from './training-session.js'

export interface EngineChoice {
  engine: Engine
  /** In words, for the log. */
  reason: string
}

/**
 * The engine that trains. `auto` takes tensorflow where it sees a CUDA GPU, else onnxruntime, which itself prefers a
 * GPU through WebGPU to the processor. A provider that tensorflow does not have, or that it is not needed for, decides
 * too.
 */
export async function chooseEngine(
  wanted: Engine | 'auto',
  provider: Provider,
  find: () => Promise<TensorFlowAnswer> = findTensorFlowWithCuda,
): Promise<EngineChoice> {
  if (wanted !== 'auto') return { engine: wanted, reason: 'it was asked for' }
  if (provider === 'cpu' || provider === 'webgpu') {
    return { engine: 'onnxruntime', reason: `the provider is ${provider}` }
  }
  const { found, problems } = await find()
  if (found?.gpu) {
    return { engine: 'tensorflow', reason: `TensorFlow ${found.version} for CUDA ${found.cuda} sees a GPU` }
  }
  const missing =
    found === undefined
      ? ['no TensorFlow for CUDA is installed', ...problems]
      : [`TensorFlow ${found.version} for CUDA ${found.cuda} sees no GPU`]
  return { engine: 'onnxruntime', reason: missing.join('; ') }
}

/** What is made for the processor alone sees no GPU: it is not even started. */
function findTensorFlowWithCuda(): Promise<TensorFlowAnswer> {
  return findTensorFlow(addonCandidates().filter(({ cuda }) => cuda !== undefined))
}
