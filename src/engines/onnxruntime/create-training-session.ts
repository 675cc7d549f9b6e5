import { checkOptions } from '../session-checks.js'
import type { TrainingOptions, TrainingSession } from '../training-session.js'
import { WorkerCalls } from '../worker-calls.js'
import { workerSession } from '../worker-session.js'
import { centrePlace } from './centre-place.js'
import type { Execution } from './execution.js'
import { chooseLowering, PORTABLE } from './lowering-choice.js'
import { chooseProvider } from './provider-choice.js'

const ENTRY = new URL('../../../dist/engines/onnxruntime/training-worker.js', import.meta.url)

/**
 * A training session on onnxruntime in a thread of its own, its weights initialised from the seed.
 * @throws FacedataError where the runtime cannot run the step, such as for a provider that this machine lacks
 */
export async function createOnnxruntimeSession(options: TrainingOptions): Promise<TrainingSession> {
  checkOptions(options)
  const { provider, adapter } = await chooseProvider(options.provider ?? 'auto')
  const { name, block } = options.float16 ? PORTABLE : await chooseLowering(provider)
  const centres = centrePlace(options, adapter)
  const execution: Execution = { provider, block, centresOnDevice: centres?.onDevice ?? false }
  const worker = new WorkerCalls(ENTRY)
  await worker.create([options, execution])
  const lowering = `onnxruntime ${name}${options.float16 ? ' float16' : ''}`
  return workerSession(worker, { lowering, provider, device: adapter?.name, centres }, options)
}
