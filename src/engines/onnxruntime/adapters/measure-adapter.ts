import type { Adapter } from './adapter.js'
import { askProcess } from './ask-process.js'

export const MEASURED_SIZE = 256

/** What two seconds of matrix products on a device came to. */
export interface MeasuredAdapter {
  /** Why there is no rate, or a wrong result. */
  problem?: string | undefined
  /** Of matrices of this side, each waited for: no measure of training, which keeps a device busier. */
  productsPerSecond: number
}

const ENTRY = new URL('../../../../dist/engines/onnxruntime/adapters/measure-process.js', import.meta.url)

/** Lets the device compute for two seconds and looks at the results, in a process of its own. */
export async function measureAdapter({ provider }: Pick<Adapter, 'provider'>): Promise<MeasuredAdapter> {
  const { answer, problem } = await askProcess<MeasuredAdapter>(ENTRY, provider)
  return answer ?? { problem, productsPerSecond: 0 }
}
