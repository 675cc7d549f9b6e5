import type { RuntimeProvider } from '../embedder.js'

/** Where a session computes and of which operators its graphs are made: chosen once, before its thread begins. */
export interface Execution {
  provider: RuntimeProvider
  /** Channels of a block of the blocked lowering; the portable one without it. */
  block?: number | undefined
  /** PartialFC: every class centre lies on the device, not in tables in the memory of the process. */
  centresOnDevice?: boolean
}

/** What runs everywhere. */
export const PORTABLE_CPU: Execution = { provider: 'cpu' }
