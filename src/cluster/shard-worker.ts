import type { MessagePort } from 'node:worker_threads'
import type { Log, Progress } from '../progress/progress.js'
import { loadStage } from '../stages/registry.js'
import type { ShardResult } from '../stages/stage.js'

/** One shard as it is sent to a worker thread. */
export interface ShardTask {
  stage: string
  shard: unknown
  scratch: string
  strict: boolean
  replace: boolean
  /** Carries ShardNews to the main thread. */
  news: MessagePort
}

/** What a shard says while it works. */
export type ShardNews =
  | { kind: 'advance'; count: number }
  | { kind: 'info' | 'warn'; message: string; fields?: Record<string, unknown> }

/** Runs in a worker thread. Aborting stops the thread, so the shard sees a signal that never fires. */
export async function workOnShard(task: ShardTask): Promise<ShardResult> {
  const say = (news: ShardNews) => task.news.postMessage(news)
  const progress: Progress = {
    // The plan says what all shards go through together; one of several has nothing to begin.
    start() {},
    advance: (count) => say({ kind: 'advance', count }),
    finish() {},
  }
  const log: Log = {
    info: (message, fields) => say({ kind: 'info', message, ...(fields && { fields }) }),
    warn: (message, fields) => say({ kind: 'warn', message, ...(fields && { fields }) }),
  }
  try {
    return await (await loadStage(task.stage)).work(task.shard, {
      log,
      progress,
      signal: new AbortController().signal,
      jobs: 1,
      scratch: task.scratch,
      strict: task.strict,
      replace: task.replace,
    })
  } finally {
    task.news.close()
  }
}
