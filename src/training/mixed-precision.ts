import { chooseProvider } from '../engines/index.js'
import type { Log } from '../progress/progress.js'
import type { TrainingConfig } from './config/index.js'

/** Whether a run computes in mixed precision: where `fp16` asks for it and the provider has float16. Said where it has none. */
export async function mixedPrecision({ fp16, provider }: TrainingConfig, log: Log): Promise<boolean> {
  if (!fp16) return false
  const { provider: chosen, adapter } = await chooseProvider(provider)
  if (adapter?.float16) return true
  const why =
    adapter === undefined
      ? 'the processor trains in float32 alone'
      : `${adapter.name} (${chosen}) computes in float32 alone`
  log.info(`fp16 has no effect here: ${why}`)
  return false
}
