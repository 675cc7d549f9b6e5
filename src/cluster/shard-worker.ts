import type { MessagePort } from 'node:worker_threads'
import type { Log } from '../progress/progress.js'
import { loadWork } from '../stages/registry.js'
import type { ShardResult } from '../stages/stage.js'
import { GatheredProgress } from './gathered-progress.js'

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
  | { kind: 'advance'; count: number; skipped: number }
  | { kind: 'info' | 'warn'; message: string; fields?: Record<string, unknown> }

/** Loads what a thread will run of a stage, while its shards are still being planned. */
export async function prepare({ stage }: { stage: string }): Promise<void> {
  await loadWork(stage)
}

/**
 * Runs in a worker thread. Aborting stops the thread; the shard's own signal fires where it is asked to stop by itself,
 * by any message.
 */
export async function workOnShard(task: ShardTask): Promise<ShardResult> {
  const say = (news: ShardNews) => task.news.postMessage(news)
  const progress = new GatheredProgress((count, skipped) => say({ kind: 'advance', count, skipped }))
  const log: Log = {
    info: (message, fields) => say({ kind: 'info', message, ...(fields && { fields }) }),
    warn: (message, fields) => say({ kind: 'warn', message, ...(fields && { fields }) }),
  }
  const stop = new AbortController()
  task.news.on('message', () => stop.abort())
  try {
    const work = await loadWork(task.stage)
    return await work(task.shard, {
      log,
      progress,
      signal: stop.signal,
      jobs: 1,
      scratch: task.scratch,
      strict: task.strict,
      replace: task.replace,
    })
  } finally {
    progress.tell()
    task.news.close()
  }
}
