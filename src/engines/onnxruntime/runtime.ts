import './telemetry.js'
import { InferenceSession, type Tensor } from 'onnxruntime-node'
import { FacedataError } from '../../errors/index.js'
import { encodeModel, type OnnxModel } from '../../onnx/index.js'
import type { RuntimeProvider } from '../embedder.js'

/** Bytes of the largest model: protobuf allows no larger message. */
export const LARGEST_MODEL = 2 ** 31 - 1

export interface RuntimeOptions {
  provider: RuntimeProvider
  /** Every core where it is undefined. */
  threads?: number | undefined
  /** Optimizations of the runtime beyond constants and redundant nodes; on without it. */
  optimize?: boolean
  /** Outputs that stay in the memory of a device that has its own, instead of coming back. */
  staying?: readonly string[]
  /** Refuses a model of which the provider lacks an operator; the processor runs such operators without it. */
  alone?: boolean
}

/** A model, its bytes or the path of an .onnx file, ready to run. @throws FacedataError in the runtime's words */
export async function createRuntimeSession(
  model: OnnxModel | Uint8Array | string,
  { provider, threads, optimize = true, staying = [], alone = false }: RuntimeOptions,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    // Reuse planned ahead of the run keeps a second copy of the activations: more than 1 GB for a training step.
    enableMemPattern: false,
    graphOptimizationLevel: optimize ? 'all' : 'basic',
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    // Only of WebGPU's memory can the runtime's JavaScript interface hold a tensor.
    ...(provider === 'webgpu' && { preferredOutputLocation: locations(staying) }),
    ...(alone && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    logSeverityLevel: 3,
  }
  try {
    if (typeof model === 'string') return await InferenceSession.create(model, options)
    const bytes = model instanceof Uint8Array ? model : Buffer.concat(encodeModel(model))
    return await InferenceSession.create(bytes, options)
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

function locations(staying: readonly string[]): Record<string, Tensor.DataLocation> {
  return Object.fromEntries(staying.map((output) => [output, 'gpu-buffer']))
}
