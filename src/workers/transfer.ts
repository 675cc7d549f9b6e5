import type { TransferListItem } from 'node:worker_threads'
import { move, transferableSymbol, valueSymbol } from 'piscina'

/**
 * What a task returns to hand memory to the caller instead of copying it: `return transfer(result, [result.data.buffer])`.
 * The caller of `WorkerPool.run` receives `value` itself.
 */
export function transfer<T>(value: T, list: TransferListItem[]): T {
  return move({ [transferableSymbol]: list, [valueSymbol]: value as object }) as T
}
