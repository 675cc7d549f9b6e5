import { FacedataError } from '../../errors/index.js'
import type { Provider } from '../embedder.js'
import type { Adapter } from './adapters/adapter.js'
import { findAdapter } from './adapters/find-adapter.js'

/** A provider of the runtime and, beside the processor, the device that it computes on. */
export type ProviderChoice =
  | { provider: 'cpu'; adapter?: undefined }
  | { provider: Adapter['provider']; adapter: Adapter }

/** Providers with devices, the one that `auto` prefers first: CUDA's library is there where somebody wanted it. */
const WITH_DEVICES = ['cuda', 'webgpu'] as const

/**
 * The provider that a session is made on. `auto` takes a real GPU where one answers, else the processor; a program that
 * plays a GPU is slower than that and must be asked for by name.
 * @throws FacedataError where the provider asked for by name computes on nothing here
 */
export async function chooseProvider(wanted: Provider): Promise<ProviderChoice> {
  if (wanted === 'cpu') return { provider: 'cpu' }
  if (wanted === 'auto') {
    for (const provider of WITH_DEVICES) {
      const { adapter } = await findAdapter(provider)
      if (adapter !== undefined && !adapter.software) return { provider, adapter }
    }
    return { provider: 'cpu' }
  }
  const answer = await findAdapter(wanted)
  if (answer.adapter !== undefined) return { provider: wanted, adapter: answer.adapter }
  throw new FacedataError(
    `provider ${wanted} computes on nothing here: ${answer.problem}. --provider cpu works`,
  )
}
