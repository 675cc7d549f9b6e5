import { InferenceSession } from 'onnxruntime-node'
import { FacedataError } from '../../errors/index.js'
import { encodeModel, type OnnxModel } from '../../onnx/index.js'
import type { Provider } from '../embedder.js'

export interface RuntimeOptions {
  provider: Provider
  /** Every core where it is undefined. */
  threads?: number | undefined
  /** Optimizations of the runtime beyond constants and redundant nodes; on without it. */
  optimize?: boolean
}

/** A model in memory or the path of an .onnx file, ready to run. @throws FacedataError in the runtime's words */
export async function createRuntimeSession(
  model: OnnxModel | string,
  { provider, threads, optimize = true }: RuntimeOptions,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider === 'auto' ? 'cpu' : provider],
    // Reuse planned ahead of the run keeps a second copy of the activations: more than 1 GB for a training step.
    enableMemPattern: false,
    graphOptimizationLevel: optimize ? 'all' : 'basic',
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    logSeverityLevel: 3,
  }
  try {
    return typeof model === 'string'
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(Buffer.concat(encodeModel(model)), options)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FacedataError(
      `onnxruntime (provider ${provider}) cannot load the model: ${reason}`,
      undefined,
      {
        cause: error,
      },
    )
  }
}
