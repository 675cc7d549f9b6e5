import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { finishPlan } from '../../src/cluster/finish-plan.js'
import { makePlan } from '../../src/cluster/make-plan.js'
import { type ClusterPlan, readPlan } from '../../src/cluster/plan-file.js'
import { unfinishedError } from '../../src/cluster/unfinished-shards.js'
import { type ShardWork, workOnPlan } from '../../src/cluster/work-on-plan.js'
import { silentLog } from '../../src/progress/progress.js'
import type { AnyStage } from '../../src/stages/stage.js'
import { localRun } from './local-run.js'

export interface ShardedRun {
  /** Path of `plan.json`. */
  path: string
  shards: number
  strict?: boolean
  replace?: boolean
}

export async function planOf(stage: AnyStage, options: unknown, run: ShardedRun): Promise<ClusterPlan> {
  const request = { strict: false, replace: false, log: silentLog, ...run }
  return makePlan(stage, stage.options.parse(options), request)
}

/** Works on shards as tasks of a cluster do: each reads the plan by itself. */
export async function workOn(path: string, stage: AnyStage, shards: number[]): Promise<ShardWork[]> {
  const works: ShardWork[] = []
  for (const shard of shards)
    works.push(...(await workOnPlan(await readPlan(path), stage, [shard], localRun())))
  return works
}

/** @throws as `facedata finish`, where shards are missing too */
export async function finishOf(path: string, stage: AnyStage): Promise<unknown> {
  const plan = await readPlan(path)
  const finished = await finishPlan(plan, stage, localRun())
  if ('unfinished' in finished) throw unfinishedError(plan, finished.unfinished)
  return finished.result
}

/** Plan, work in another order than that of the shards, and finish. */
export async function runInShards(stage: AnyStage, options: unknown, run: ShardedRun) {
  const plan = await planOf(stage, options, run)
  const works = await workOn(run.path, stage, [...plan.shards.keys()].reverse())
  for (const { error } of works) if (error !== undefined) throw error
  return { plan, result: await finishOf(run.path, stage) }
}

/** The files below a path, behind a link, by their names; of a file itself under `''`. Caches are outside of comparisons. */
export function contentBelow(path: string): Record<string, string> {
  if (!statSync(path).isDirectory()) return { '': readFileSync(path).toString('base64') }
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'sources.arrow')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return Object.fromEntries(
    files.map((file) => [relative(path, file), readFileSync(file).toString('base64')]),
  )
}
