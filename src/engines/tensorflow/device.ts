import { FacedataError, UsageError } from '../../errors/index.js'
import type { Provider } from '../embedder.js'
import type { TensorFlow } from './addon/open-tensorflow.js'
import type { ImageLayout } from './graph.js'

/**
 * Tells TensorFlow, before it is opened in this process, which devices and how many threads it may use. Its pool of
 * threads is one for the process: the first session decides.
 */
export function restrictDevices(provider: Provider, threads: number | undefined): void {
  if (provider === 'webgpu')
    throw new UsageError('the engine tensorflow has the providers cpu and cuda, not webgpu')
  // Only what went wrong: in the environment of the process, which a thread sees a copy of.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  // By itself TensorFlow takes oneDNN's convolutions only where the processor has AVX-512's integer products; with AVX2
  // alone a step of mbf takes 0.6 times as long with them (bench/README.md).
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
  if (provider === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1'
  // What it needs, as PyTorch does; else it takes all of a GPU's memory when it starts.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  if (threads === undefined) return
  process.env.TF_NUM_INTRAOP_THREADS = String(threads)
  // Two operators at a time, where one waits for memory: 1.06 times the steps of mbf on two threads.
  process.env.TF_NUM_INTEROP_THREADS = String(Math.min(2, threads))
}

/** What is fast on a GPU, or what TensorFlow's CPU has. @throws FacedataError where the provider is cuda and no GPU is seen */
export function layoutFor({ gpu, version, cuda }: TensorFlow, provider: Provider): ImageLayout {
  if (provider === 'cuda' && !gpu) {
    const made = cuda === undefined ? 'a build without CUDA' : `built for CUDA ${cuda}`
    throw new FacedataError(
      `provider cuda: TensorFlow ${version}, ${made}, sees no GPU. ` +
        'facedata doctor says more; facedata engine install tensorflow --gpu builds it for one.',
    )
  }
  return gpu ? 'NCHW' : 'NHWC'
}
