import { chooseProvider, type Engine, findTensorFlow, type Provider } from '../engines/index.js'
import type { Log } from '../progress/progress.js'
import type { TrainingConfig } from './config/index.js'

/** Whether a run computes in mixed precision: where `fp16` asks for it and the provider has float16. Said where it has none. */
export async function mixedPrecision(
  { fp16, provider }: TrainingConfig,
  engine: Engine,
  log: Log,
): Promise<boolean> {
  if (!fp16) return false
  const missing =
    engine === 'tensorflow' ? await missingInTensorFlow(provider) : await missingInRuntime(provider)
  if (missing === undefined) return true
  log.info(`fp16 has no effect here: ${missing}`)
  return false
}

const ON_PROCESSOR = 'the processor trains in float32 alone'

/** Every GPU that TensorFlow sees has float16. */
async function missingInTensorFlow(provider: Provider): Promise<string | undefined> {
  const onGpu = provider !== 'cpu' && (await findTensorFlow()).found?.gpu
  return onGpu ? undefined : ON_PROCESSOR
}

async function missingInRuntime(wanted: Provider): Promise<string | undefined> {
  const { provider, adapter } = await chooseProvider(wanted)
  if (adapter === undefined) return ON_PROCESSOR
  return adapter.float16 ? undefined : `${adapter.name} (${provider}) computes in float32 alone`
}
