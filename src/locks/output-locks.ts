import { basename, dirname, join } from 'node:path'
import type { Log } from '../progress/progress.js'
import { FileLock } from './file-lock.js'

/**
 * Does something while nothing else writes these outputs: a stage by itself and a step of a pipeline keep each other
 * out. The locks stand beside the outputs. @throws LockedError naming who writes one of them
 */
export async function withOutputLocks<T>(
  outputs: readonly string[],
  runs: string,
  log: Log,
  action: () => Promise<T>,
): Promise<T> {
  const locks: FileLock[] = []
  try {
    for (const path of outputs) locks.push(await FileLock.acquire(outputLockPath(path), runs, log))
    return await action()
  } finally {
    for (const lock of locks) await lock.release()
  }
}

export function outputLockPath(output: string): string {
  return join(dirname(output), `.${basename(output)}.lock`)
}
