import { checkOptions } from '../session-checks.js'
import type { TrainingOptions, TrainingSession } from '../training-session.js'
import { WorkerCalls } from '../worker-calls.js'
import { workerSession } from '../worker-session.js'
import { restrictDevices } from './device.js'
import type { ImageLayout } from './graph.js'

const ENTRY = new URL('../../../dist/engines/tensorflow/training-worker.js', import.meta.url)

/**
 * A training session on TensorFlow in a thread of its own, its weights initialised from the seed.
 * @throws FacedataError where TensorFlow is not installed or a GPU is asked for that it does not see
 */
export async function createTensorflowSession(options: TrainingOptions): Promise<TrainingSession> {
  checkOptions(options)
  restrictDevices(options.provider ?? 'auto', options.threads)
  const worker = new WorkerCalls(ENTRY)
  const layout = await worker.create<ImageLayout>([options])
  const provider = layout === 'NCHW' ? 'cuda' : 'cpu'
  const lowering = `tensorflow ${layout}${options.float16 ? ' float16' : ''}`
  return workerSession(worker, { lowering, provider }, options)
}
