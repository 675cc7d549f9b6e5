import type { LocalRun } from '../../src/cluster/local.js'
import { silentLog, silentProgress } from '../../src/progress/progress.js'

/** How tests run a stage: silent and in one thread, unless told otherwise. */
export function localRun(settings: Partial<LocalRun> = {}): LocalRun {
  return {
    jobs: 1,
    strict: false,
    replace: false,
    log: silentLog,
    progress: silentProgress,
    signal: new AbortController().signal,
    ...settings,
  }
}
