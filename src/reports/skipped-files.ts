import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readSkippedReasons, type SkippedReason, withoutNames } from '../dataset/index.js'

/**
 * What did not get into a dataset, by kind of reason and without the names of people and images: a report may be asked
 * to leave them out. Undefined where a dataset has no list. @throws InputError
 */
export async function readSkippedFiles(folder: string): Promise<SkippedReason[] | undefined> {
  const path = join(folder, 'skipped.jsonl')
  if (!existsSync(path)) return undefined
  const reasons = await readSkippedReasons(path)
  return reasons.map(({ reason, count }) => ({ reason: withoutNames(reason), count }))
}

export function skippedCount(skipped: readonly SkippedReason[]): number {
  return skipped.reduce((sum, { count }) => sum + count, 0)
}
